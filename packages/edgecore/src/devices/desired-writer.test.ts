import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { openStore, type Store } from '@skerry/shared/store';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DesiredWriter } from './desired-writer.ts';
import { described } from './description.ts';
import { describe as describeTwin, hear } from './device-twin.ts';
import { mqttProtocol } from './protocols/mqtt.ts';
import { Roster } from './roster.ts';
import {
  madeDescription,
  madeDevice,
  madeTwin,
  thermo,
  unseen,
  type Made,
} from './testing/devices.ts';
import { MemoryBus } from './testing/memory-bus.ts';
import { TwinStore } from './twin-store.ts';

let directory: string;
let store: Store;
let clock: ManualClock;
let bus: MemoryBus;
let twins: TwinStore;
let roster: Roster;
let writer: DesiredWriter;
let announced: string[];
const stop = new AbortController();

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skerry-desired-'));
  store = await openStore(directory, { whenCorrupt: 'fail', now: () => 0 });
  clock = new ManualClock();
  bus = new MemoryBus();
  announced = [];
  twins = await TwinStore.open({ store, committed: () => undefined });
  const shared = { clock, random: () => 0.999, log: silentLog };
  const refused = noMetrics.counter('refused_total', '');
  const protocols = [mqttProtocol({ bus, log: silentLog, refused })];
  roster = new Roster({ protocols, sinkOf: () => () => Promise.resolve(), ...shared });
  writer = new DesiredWriter({
    twins,
    roster,
    announce: (_device, goals) =>
      announced.push(goals.map(({ property, value }) => `${property}=${value}`).join()),
    changed: () => undefined,
    ...shared,
    writes: noMetrics.counter('writes_total', '', ['outcome']),
  });
});

afterEach(async () => {
  await roster.remove(thermo);
  await store[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const visitor = { topic: 'reading', setTopic: 'set' };

async function serve(made: Made): Promise<void> {
  const all = { visitor, ...made };
  const wanted = described(madeDescription(all), madeDevice(all));
  await twins.update(thermo, (held) => describeTwin(held ?? madeTwin(all), wanted, clock.now()));
  await roster.serve(madeDescription(all), unseen);
  await settle();
}

async function hearValue(property: string, value: string): Promise<void> {
  const arrival = { readings: [{ property, value }], receivedAt: clock.now(), live: true };
  await twins.update(thermo, (held) => held && hear(held, arrival).twin);
}

function turnOnce(): ReturnType<DesiredWriter['reconcile']> {
  return writer.reconcile(thermo, stop.signal);
}

function written(): string[] {
  return bus.published.map(({ topic, payload }) => `${topic} ${payload}`);
}

describe('desired writer', () => {
  it('writes a desired value, and again while no reading confirms it', async () => {
    await serve({ desired: { setpoint: '25' } });
    const requeue = await turnOnce();
    expect(written()).toEqual(['set 25']);
    expect(announced).toEqual(['setpoint=25']);
    expect(requeue?.afterMs).toBeCloseTo(2_000, -1);
    await turnOnce(); // woken early: not due yet
    expect(written()).toHaveLength(1);
    await clock.advance(2_000);
    await turnOnce();
    expect(written()).toEqual(['set 25', 'set 25']);
    await hearValue('setpoint', '25.0');
    expect(await turnOnce()).toBeUndefined();
  });

  it('writes a changed wish at once', async () => {
    await serve({ desired: { setpoint: '25' } });
    await turnOnce();
    await serve({ desired: { setpoint: '26' }, generation: 2 });
    await turnOnce();
    expect(written()).toEqual(['set 25', 'set 26']);
  });

  it('never writes a property that is read only', async () => {
    await serve({ desired: { temperature: '25' } });
    expect(await turnOnce()).toBeUndefined();
    expect([written(), announced]).toEqual([[], []]);
  });

  it('only announces what no mapper can write', async () => {
    await serve({ desired: { setpoint: '25' }, protocolName: 'modbus' });
    await turnOnce();
    expect([written(), announced]).toEqual([[], ['setpoint=25']]);
  });

  it('goes on trying while there is no broker', async () => {
    await serve({ desired: { setpoint: '25' } });
    bus.connected = false;
    for (let minutes = 0; minutes < 60; minutes++) {
      await turnOnce();
      await clock.advance(60_000);
    }
    bus.connected = true;
    await turnOnce();
    expect(written()).toEqual(['set 25']);
  });

  it('leaves a device alone that never confirms, until it says something new', async () => {
    await serve({ desired: { setpoint: '25' } });
    let requeue = await turnOnce();
    while (requeue) {
      await clock.advance(Math.ceil(requeue.afterMs));
      requeue = await turnOnce();
    }
    expect(written()).toHaveLength(10);
    await clock.advance(60_000);
    await turnOnce();
    expect(written()).toHaveLength(10);
    await hearValue('setpoint', '20');
    await turnOnce();
    expect(written()).toHaveLength(11);
  });
});
