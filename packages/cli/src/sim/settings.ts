import { join, resolve } from 'node:path';
import { readIfPresent } from '@skerry/shared/durable-file';
import { cloudHubConfig } from '@skerry/cloudhub/config';
import type { Said } from '@skerry/shared/command-line';
import { readConfig } from '@skerry/shared/config';
import { Misconfiguration, UsageError } from '@skerry/shared/errors';
import { MalformedName, nodeName } from '@skerry/shared/names';
import type { KeyPair } from '@skerry/shared/pki';
import type { Load } from './device-load.ts';
import { loopback, placesIn, type Places } from '../up/settings.ts';

export interface SimSettings {
  readonly places: Places;
  /** `wss://host:port`; absent: the hub whose state is in the data directory. */
  readonly hub: string | undefined;
  readonly kubeconfig: string;
  /** Holds `ca.crt` and `ca.key`. */
  readonly pki: string;
  readonly nodes: number;
  readonly devices: number;
  readonly startsPerSecond: number;
  /** Absent: until told to end. */
  readonly durationSeconds: number | undefined;
  readonly reportSeconds: number;
  /** How the values of devices change. */
  readonly load: Load;
  readonly changesPerSecond: number;
  readonly prefix: string;
  readonly output: 'text' | 'json';
}

const mostNodes = 50_000;
const mostDevices = 1_000_000;
const daySeconds = 86_400;

/** Throws UsageError. */
export function simSettings(said: Said): SimSettings {
  const places = placesIn(resolve(said.text('data-dir') ?? '.skerry'));
  const duration = said.text('duration');
  return {
    places,
    hub: hubUrl(said.text('hub')),
    kubeconfig: resolve(said.text('kubeconfig') ?? places.kubeconfig),
    pki: resolve(said.text('pki') ?? places.pki),
    nodes: whole(said, 'nodes', 1, mostNodes),
    devices: whole(said, 'devices', 0, mostDevices),
    startsPerSecond: whole(said, 'starts-per-second', 1, mostNodes),
    durationSeconds: duration === undefined ? undefined : whole(said, 'duration', 1, daySeconds),
    reportSeconds: whole(said, 'report-seconds', 1, daySeconds),
    load: (said.text('generator') ?? 'random-walk') as Load, // of the option's choices
    changesPerSecond: whole(said, 'changes-per-second', 0, 1_000),
    prefix: prefix(said.text('prefix') ?? ''),
    output: said.text('output') === 'json' ? 'json' : 'text',
  };
}

function whole(said: Said, flag: string, least: number, most: number): number {
  const text = said.text(flag) ?? '';
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most))
    throw new UsageError(`--${flag} must be a whole number from ${least} to ${most}`);
  return number;
}

function hubUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!URL.canParse(text) || new URL(text).protocol !== 'wss:')
    throw new UsageError('--hub must be a URL like wss://hub.example:10000');
  return text;
}

function prefix(text: string): string {
  try {
    return nodeName(text);
  } catch (error) {
    if (!(error instanceof MalformedName)) throw error;
    throw new UsageError('--prefix must begin a node name: a-z, 0-9, - and .', { cause: error });
  }
}

/** Where the hub listens for nodes. Throws Misconfiguration. */
export async function hubOf({ hub, places }: SimSettings): Promise<string> {
  if (hub !== undefined) return hub;
  const file = join(places.config, 'cloudhub.yaml');
  const text = await readIfPresent(file);
  if (text === undefined)
    throw new Misconfiguration(
      `${places.root} holds no hub: run "skerry up" first, or give --hub, --kubeconfig and --pki`,
    );
  const { edges } = readConfig(cloudHubConfig, { file: { name: file, text }, environment: {} });
  return `wss://${loopback}:${edges.port}`;
}

/** The authority that signs the nodes' certificates. Throws Misconfiguration. */
export async function authorityOf({ pki }: SimSettings): Promise<KeyPair> {
  const [cert, key] = await Promise.all(
    ['ca.crt', 'ca.key'].map((name) => readIfPresent(join(pki, name))),
  );
  if (cert === undefined || key === undefined)
    throw new Misconfiguration(
      `${pki} holds no authority (ca.crt, ca.key) to sign the certificates of nodes with`,
    );
  return { cert, key };
}
