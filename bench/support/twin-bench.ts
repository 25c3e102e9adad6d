import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import type { TestNode } from '../../test/support/daemons.ts';
import { readingTopic, watchValues, writeDevice, writeModel } from './devices.ts';
import { benchHub, pool } from './hub.ts';

/** What the API has shown of the devices. */
export interface Shown {
  readonly values: Map<string, string>;
  writes: number;
  /** Values that were older than the one before. */
  backwards: number;
}

/** A hub, one node with so many devices, and somebody who publishes for them. */
export interface TwinBench extends AsyncDisposable {
  readonly names: readonly string[];
  readonly node: TestNode;
  readonly publisher: MqttClient;
  readonly shown: Shown;
}

export async function twinBench(devices: number): Promise<TwinBench> {
  await using opened = new AsyncDisposableStack();
  const hub = opened.use(await benchHub());
  const node = await hub.system.addNode({ log: { level: 'warn' } });
  await node.daemon.start();
  await hub.system.untilReady(node);
  await writeModel(hub.api);
  const names = Array.from({ length: devices }, (_, i) => `meter-${i}`);
  await pool(devices, 16, (i) => writeDevice(hub.api, names[i] ?? '', node.name));
  const shown: Shown = { values: new Map(), writes: 0, backwards: 0 };
  const stop = new AbortController();
  const watching = watchValues(hub.api, (device, value) => show(shown, device, value), stop.signal);
  opened.defer(async () => {
    stop.abort();
    await watching;
  });
  const publisher = await connectAsync(`mqtt://127.0.0.1:${node.mqttPort}`);
  opened.defer(() => publisher.endAsync(true));
  await answering(names, publisher, shown);
  const parted = opened.move();
  return {
    ...{ names, node, publisher, shown },
    [Symbol.asyncDispose]: () => parted.disposeAsync(),
  };
}

function show(shown: Shown, device: string, value: string): void {
  const before = shown.values.get(device);
  if (before !== undefined && Number(value) < Number(before)) shown.backwards += 1;
  if (before !== value) shown.writes += 1;
  shown.values.set(device, value);
}

/** Until every device answers: its mapper subscribes some time after the Device was written. */
async function answering(
  names: readonly string[],
  publisher: MqttClient,
  shown: Shown,
): Promise<void> {
  for (let silent = names; silent.length > 0;) {
    for (const name of silent)
      await publisher.publishAsync(readingTopic(name), '{"value":0}', { qos: 1 });
    await sleep(1_000);
    silent = names.filter((name) => !shown.values.has(name));
  }
}
