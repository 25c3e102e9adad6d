import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreWriteFailed, openStore, type Store } from '@skerry/shared/store';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deviceId } from './device-id.ts';
import { hear, type DeviceTwin } from './device-twin.ts';
import { madeTwin, thermo } from './testing/devices.ts';
import { decodeTwin } from './twin-codec.ts';
import { TwinStore, freshnessStepMs, type TwinChange } from './twin-store.ts';

let directory: string;
let store: Store;
let committed: TwinChange[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skerry-twins-'));
  store = await openStore(directory, { whenCorrupt: 'fail', now: () => 0 });
  committed = [];
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

function open(): Promise<TwinStore> {
  return TwinStore.open({ store, committed: (change) => committed.push(change) });
}

function heard(value: string, receivedAt = 1_000): (held: DeviceTwin | undefined) => DeviceTwin {
  const readings = [{ property: 'temperature', value }];
  return (held) => hear(held ?? madeTwin(), { readings, receivedAt, live: true }).twin;
}

function temperature(twin: DeviceTwin | undefined): string | undefined {
  return twin?.properties.get('temperature')?.reported?.value;
}

async function onDisk(): Promise<DeviceTwin | undefined> {
  const entry = await store.table('twins').get(thermo);
  return entry && decodeTwin(entry);
}

describe('twin store', () => {
  it('has an update on disk when it resolves, and only then tells of it', async () => {
    const twins = await open();
    const updating = twins.update(thermo, heard('21'));
    expect(committed).toEqual([]);
    await updating;
    expect(temperature(await onDisk())).toBe('21');
    expect(committed.map(({ after }) => temperature(after))).toEqual(['21']);
  });

  it('tells of every update in order, although many share one write', async () => {
    const twins = await open();
    await twins.update(thermo, heard('0'));
    const values = Array.from({ length: 50 }, (_, at) => String(at + 1));
    const changes = await Promise.all(values.map((value) => twins.update(thermo, heard(value))));
    expect(changes.map(({ after }) => temperature(after))).toEqual(values);
    expect(committed.map(({ before }) => temperature(before)).slice(1)).toEqual([
      '0',
      ...values.slice(0, -1),
    ]);
    expect(temperature(await onDisk())).toBe('50');
  });

  it('holds the same after a restart as before it, whatever happened', async () => {
    const step = fc.oneof(
      fc.record({ device: fc.constantFrom('a', 'b'), value: fc.constantFrom('1', '2', '3') }),
      fc.record({ device: fc.constantFrom('a', 'b'), value: fc.constant(undefined) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const twins = await open();
        const doing = steps.map(({ device, value }) =>
          twins.update(deviceId('default', device), value ? heard(value) : () => undefined),
        );
        await Promise.all(doing);
        const again = await open();
        expect(again.devices().sort()).toEqual(twins.devices().sort());
        for (const device of twins.devices())
          expect(temperature(again.get(device))).toBe(temperature(twins.get(device)));
      }),
      { numRuns: 30 },
    );
  });

  it('spares the disk a reading that only repeats a value, for a while', async () => {
    const twins = await open();
    await twins.update(thermo, heard('21', 1_000));
    await twins.update(thermo, heard('21', 2_000));
    expect((await onDisk())?.lastOnline).toBe(1_000);
    expect(twins.get(thermo)?.lastOnline).toBe(2_000);
    await twins.update(thermo, heard('21', 1_000 + freshnessStepMs));
    expect((await onDisk())?.lastOnline).toBe(1_000 + freshnessStepMs);
    expect(committed).toHaveLength(1);
  });

  it('forgets a device for good', async () => {
    const twins = await open();
    await twins.update(thermo, heard('21'));
    await twins.update(thermo, () => undefined);
    expect([twins.get(thermo), await onDisk(), twins.devices()]).toEqual([
      undefined,
      undefined,
      [],
    ]);
    expect(committed.at(-1)?.after).toBeUndefined();
  });

  it('keeps no trace of a device that was only asked for', async () => {
    const twins = await open();
    await twins.update(thermo, (held) => held);
    expect(twins.devices()).toEqual([]);
  });

  it('goes back to what the disk holds when the disk refuses, and refuses what built on it', async () => {
    const twins = await open();
    await twins.update(thermo, heard('21'));
    await store[Symbol.asyncDispose]();
    const outcomes = await Promise.allSettled([
      twins.update(thermo, heard('22')),
      twins.update(thermo, heard('23')),
    ]);
    for (const outcome of outcomes)
      expect(outcome.status === 'rejected' && outcome.reason).toBeInstanceOf(StoreWriteFailed);
    expect(temperature(twins.get(thermo))).toBe('21');
    expect(committed).toHaveLength(1);
    store = await openStore(directory, { whenCorrupt: 'fail', now: () => 0 });
  });
});
