import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describeDevice } from '@skerry/edgecore/devices/description';
import { deviceId } from '@skerry/edgecore/devices/device-id';
import { readDevice, readModel } from '@skerry/edgecore/devices/device-object';
import { mqttProtocol } from '@skerry/edgecore/devices/protocols/mqtt';
import { virtualProtocol } from '@skerry/edgecore/devices/protocols/virtual';
import { MemoryBus } from '@skerry/edgecore/devices/testing/memory-bus';
import { systemClock, systemRandom } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { parseYamlStream } from '@skerry/shared/yaml';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { grow, told, type Bed } from '../../examples/greenhouse/bed.ts';
import { mosquittoPub, mosquittoSub, startMosquitto } from '../support/mosquitto.ts';

const directory = fileURLToPath(new URL('../../examples/greenhouse/', import.meta.url));

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: { readonly deviceModelRef?: { readonly name: string } };
}

it('a bed is watered to its target and keeps there', () => {
  let bed: Bed = { moisture: 20, target: 45, valve: false };
  for (let second = 0; second < 60; second++) bed = grow(bed, 1);
  for (let second = 0; second < 120; second++) {
    bed = grow(bed, 1);
    expect(Math.abs(bed.moisture - 45)).toBeLessThan(6);
  }
  expect(told(bed, '{"target":30}')?.target).toBe(30);
  for (const odd of ['', '30', '{"target":"30"}', '{"target":101}'])
    expect(told(bed, odd)).toBeUndefined();
});

it('every device of the greenhouse can be served as it is described', async () => {
  const text = await readFile(`${directory}greenhouse.yaml`, 'utf8');
  const manifests = parseYamlStream(text, 'greenhouse.yaml') as readonly Manifest[];
  const bytes = (object: object): Uint8Array => Buffer.from(JSON.stringify(object));
  const refused = noMetrics.counter('refused_total', '');
  const protocols = [
    mqttProtocol({ bus: new MemoryBus(), log: silentLog, refused }),
    virtualProtocol({ clock: systemClock, random: systemRandom }),
  ];
  const found = manifests.filter(({ kind }) => kind === 'Device');
  expect(found).toHaveLength(3);
  for (const device of found) {
    const wanted = device.spec.deviceModelRef?.name;
    const model = manifests.find(
      ({ kind, metadata }) => kind === 'DeviceModel' && metadata.name === wanted,
    );
    const id = deviceId('default', device.metadata.name);
    const spec = readDevice(bytes({ ...device, metadata: { ...device.metadata, uid: 'u' } }));
    const { protocol, properties, problems } = describeDevice(
      id,
      spec,
      readModel(bytes(model ?? {})),
    );
    expect(problems).toEqual([]);
    const speaker = protocols.find(({ name }) => name === protocol.name);
    expect(speaker?.mapper({ id, config: protocol.config, properties }).ignored).toEqual([]);
  }
});

it('the beds speak, obey, and leave a last will', async () => {
  await using broker = await startMosquitto();
  await using beds = await mosquittoSub(broker.port, 'greenhouse/#');
  const url = ['--url', broker.url];
  const program = spawn(process.execPath, [`${directory}greenhouse.ts`, '--no-apply', ...url], {
    stdio: 'ignore',
  });
  const exited = once(program, 'exit');
  const available = 'greenhouse/herbs/available';
  try {
    await beds.find(({ topic, payload }) => topic === available && payload === 'online');
    await beds.find(({ topic }) => topic === 'greenhouse/herbs');
    await mosquittoPub(broker.port, 'greenhouse/herbs/set', '{"target":33}');
    const isObeying = (payload: string): boolean =>
      (JSON.parse(payload) as { target?: number }).target === 33;
    await beds.find(({ topic, payload }) => topic === 'greenhouse/herbs' && isObeying(payload));
  } finally {
    program.kill('SIGKILL');
    await exited;
  }
  await beds.find(({ topic, payload }) => topic === available && payload === 'offline');
});
