import { join, resolve } from 'node:path';
import type { Said } from '@skerry/shared/command-line';
import { UsageError } from '@skerry/shared/errors';
import { logLevels, type LogLevel } from '@skerry/shared/log';

/** Where everything listens; all of it on this machine alone. */
export interface Ports {
  readonly api: number;
  readonly edges: number;
  readonly hubMetrics: number;
  readonly edgeMetrics: number;
  /** The API over what the node holds. */
  readonly localApi: number;
  readonly mqtt: number;
  /** The demo pod's web server. */
  readonly hello: number;
}

/** Where everything is kept. */
export interface Places {
  readonly root: string;
  readonly pki: string;
  readonly config: string;
  readonly logs: string;
  readonly bin: string;
  readonly cloudhub: string;
  readonly edgecore: string;
  readonly kubeconfig: string;
}

export interface UpSettings {
  readonly places: Places;
  readonly ports: Ports;
  readonly logLevel: LogLevel;
  readonly fresh: boolean;
  readonly demo: boolean;
  /** The container engine, in the form of DOCKER_HOST. */
  readonly dockerHost: string;
  /** Where a collector takes traces; undefined: there are none. */
  readonly tracingEndpoint?: string | undefined;
}

export const loopback = '127.0.0.1';
export const nodeName = 'edge-1';

const defaultPorts: Ports = {
  api: 6443,
  edges: 10_000,
  hubMetrics: 9640,
  edgeMetrics: 9641,
  localApi: 10_550,
  mqtt: 1883,
  hello: 18_080,
};
const maxPort = 65_535;

/** Throws UsageError. */
export function upSettings(
  said: Said,
  environment: Readonly<Record<string, string | undefined>>,
): UpSettings {
  return {
    places: placesIn(resolve(said.text('data-dir') ?? '.skerry')),
    ports: portsAt(said.text('port-offset') ?? '0'),
    logLevel: logLevels.find((level) => level === said.text('log-level')) ?? 'info',
    fresh: said.flag('fresh'),
    demo: said.flag('demo'),
    dockerHost: environment['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock',
    tracingEndpoint: said.text('tracing-endpoint'),
  };
}

export function placesIn(root: string): Places {
  return {
    root,
    pki: join(root, 'pki'),
    config: join(root, 'config'),
    logs: join(root, 'logs'),
    bin: join(root, 'bin'),
    cloudhub: join(root, 'cloudhub'),
    edgecore: join(root, 'edgecore'),
    kubeconfig: join(root, 'kubeconfig'),
  };
}

function portsAt(text: string): Ports {
  const offset = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  const highest = Math.max(...Object.values({ ...defaultPorts }));
  if (!(offset + highest <= maxPort))
    throw new UsageError(`--port-offset must be a number from 0 to ${maxPort - highest}`);
  const shifted = Object.entries({ ...defaultPorts }).map(([name, port]) => [name, port + offset]);
  return Object.fromEntries(shifted) as Ports;
}
