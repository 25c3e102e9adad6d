import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseYaml } from '@skerry/shared/yaml';
import type { Cluster } from '../kube/cluster.ts';
import { pathOf, type Manifest } from '../kube/manifest.ts';
import { DaemonProcess } from '../up/daemon-process.ts';
import { loopback } from '../up/settings.ts';
import type { Upping } from '../up/upping.ts';

/** Where the device's manifest says what the thermostat is to be set to. */
export const setpointPath = '/spec/properties/1/desired/value';

const example = fileURLToPath(new URL('../../../../examples/thermometer/', import.meta.url));
const readingSeconds = 20;

interface Device {
  readonly status?: {
    readonly twins?: readonly { readonly reported?: { readonly value?: string } }[];
  };
}

/**
 * Starts the thermometer of examples/thermometer and makes its objects, unless they are there: what a
 * user has changed stays changed. Resolves when a reading has come all the way up.
 */
export async function startThermometer(
  { settings, clock }: Upping,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<DaemonProcess> {
  const device = await manifest('device.yaml');
  for (const object of [await manifest('device-model.yaml'), device])
    await cluster.create(object, signal);
  const thermometer = await DaemonProcess.start(
    {
      name: 'thermometer',
      module: `${example}thermometer.ts`,
      args: ['--url', `mqtt://${loopback}:${settings.ports.mqtt}`],
      env: process.env,
      logFile: `${settings.places.logs}/thermometer.log`,
      saysReady: false,
      clock,
    },
    signal,
  );
  try {
    const waiting = { what: 'the first reading', seconds: readingSeconds };
    const reading = (s: AbortSignal): Promise<Device> =>
      cluster.waitFor(pathOf(device), hasReading, waiting, s);
    await thermometer.during(reading, signal);
    return thermometer;
  } catch (error) {
    await thermometer[Symbol.asyncDispose]();
    throw error;
  }
}

function hasReading({ status }: Device): boolean {
  return status?.twins?.some(({ reported }) => reported?.value !== undefined) === true;
}

async function manifest(file: string): Promise<Manifest> {
  return parseYaml(await readFile(example + file, 'utf8'), file).value as Manifest;
}
