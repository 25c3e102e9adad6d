import { readFile } from 'node:fs/promises';
import { installed, installedModule } from '@skerry/shared/installation';
import { parseYaml } from '@skerry/shared/yaml';
import type { Cluster } from '../kube/cluster.ts';
import { pathOf, type Manifest } from '../kube/manifest.ts';
import { KeptDaemon } from '../up/kept-daemon.ts';
import { loopback } from '../up/settings.ts';
import type { Upping } from '../up/upping.ts';

/** Where the device's manifest says what the thermostat is to be set to. */
export const setpointPath = '/spec/properties/1/desired/value';

const example = installed('examples/thermometer/');
const readingSeconds = 20;

interface Device {
  readonly status?: {
    readonly twins?: readonly {
      readonly propertyName: string;
      readonly reported?: {
        readonly value: string;
        readonly metadata?: { readonly timestamp?: string };
      };
    }[];
  };
}

export interface Thermometer {
  readonly process: KeptDaemon;
  /** What the cluster knew of it when it was first heard, for example `temperature 18.4`. */
  readonly says: string;
}

/**
 * Starts the thermometer of examples/thermometer and makes its objects, unless they are there: what a
 * user has changed stays changed. Resolves when a reading has come all the way up.
 */
export async function startThermometer(
  up: Upping,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Thermometer> {
  const device = await manifest('device.yaml');
  for (const object of [await manifest('device-model.yaml'), device])
    await cluster.create(object, signal);
  const since = up.clock.now();
  const process = await startProgram(up, signal);
  const waiting = { what: 'the first reading', seconds: readingSeconds };
  const heard = (s: AbortSignal): Promise<Device> =>
    cluster.waitFor(pathOf(device), (found) => isHeard(found, since), waiting, s);
  try {
    return { process, says: readings(await process.during(heard, signal)) };
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
}

function startProgram({ settings, clock, tell }: Upping, signal: AbortSignal): Promise<KeptDaemon> {
  return KeptDaemon.start(
    {
      name: 'thermometer',
      module: installedModule('thermometer'),
      args: ['--url', `mqtt://${loopback}:${settings.ports.mqtt}`],
      env: process.env,
      logFile: `${settings.places.logs}/thermometer.log`,
      saysReady: false,
      clock,
      tell,
    },
    signal,
  );
}

/** A reading of an earlier start is no sign of life. */
function isHeard({ status }: Device, since: number): boolean {
  const newest = status?.twins?.map(({ reported }) => Number(reported?.metadata?.timestamp)) ?? [];
  return newest.some((timestamp) => timestamp >= since);
}

function readings({ status }: Device): string {
  const reported = status?.twins?.flatMap(({ propertyName, reported }) =>
    reported ? [`${propertyName} ${reported.value}`] : [],
  );
  return reported?.join(', ') ?? '';
}

async function manifest(file: string): Promise<Manifest> {
  return parseYaml(await readFile(example + file, 'utf8'), file).value as Manifest;
}
