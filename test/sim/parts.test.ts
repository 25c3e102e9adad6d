import { describeStore } from '@skerry/shared/testing/store-contract';
import { describeSocket } from '@skerry/shared/testing/socket-contract';
import { StoreWriteFailed } from '@skerry/shared/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SimDisk, SimStore } from './parts/disk.ts';
import { Machine } from './parts/machine.ts';
import { Connection } from './parts/network.ts';
import { Timeline } from './parts/timeline.ts';
import { simulate } from './simulate.ts';

const bytes = Uint8Array.of(1);

/** A timeline that runs by itself, for suites that know nothing of it. */
function running(): { readonly timeline: Timeline; readonly end: () => Promise<void> } {
  const timeline = new Timeline(7);
  let over = false;
  const turn = async (): Promise<void> => {
    while (!over) {
      await timeline.advance(10);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const turning = turn();
  return {
    timeline,
    end: async () => {
      over = true;
      await turning;
    },
  };
}

function machineOn(timeline: Timeline, name: string): Machine {
  return new Machine(name, timeline, { offsetMs: 0 });
}

describeStore('simulated', () => {
  const { timeline, end } = running();
  const disk = new SimDisk();
  return Promise.resolve({
    open: () => Promise.resolve(new SimStore(disk, machineOn(timeline, 'a'))),
    dispose: end,
  });
});

describeSocket('simulated', () => {
  const { timeline, end } = running();
  const connection = new Connection(timeline, machineOn(timeline, 'a'), machineOn(timeline, 'b'));
  const [near, far] = connection.ends;
  return Promise.resolve({ near, far, dispose: end });
});

describe('a simulated disk', () => {
  let timeline: Timeline;
  let disk: SimDisk;
  let machine: Machine;
  let store: SimStore;
  let outcomes: string[];
  beforeEach(() => {
    timeline = new Timeline(1);
    disk = new SimDisk();
    machine = machineOn(timeline, 'a');
    store = new SimStore(disk, machine);
    outcomes = [];
  });

  function commit(...keys: string[]): void {
    const table = store.table('t');
    store.commit(keys.map((key) => table.put(key, bytes))).then(
      () => outcomes.push(`${keys.join(' ')} kept`),
      (error: unknown) => outcomes.push(`${keys.join(' ')} ${(error as Error).name}`),
    );
  }

  it('loses with a crash what was not synced, and never a part of a batch', async () => {
    const seen = new Set<number>();
    for (let n = 0; n < 50; n++) {
      commit(`a${n}`, `b${n}`);
      await timeline.advance(timeline.random.next() * 4);
      machine.kill();
      await timeline.advance(1_000);
      const kept = [`a${n}`, `b${n}`].filter((key) => disk.read('t', key)).length;
      seen.add(kept);
      machine = machineOn(timeline, 'a');
      store = new SimStore(disk, machine);
    }
    expect(seen).toEqual(new Set([0, 2]));
  });

  it('keeps nothing of a batch that it refuses, and goes on', async () => {
    disk.isFull = true;
    commit('a', 'b');
    await timeline.advance(1_000);
    disk.isFull = false;
    commit('c');
    await timeline.advance(1_000);
    expect(outcomes).toEqual([`a b ${StoreWriteFailed.name}`, 'c kept']);
    expect(disk.entries('t').map(([key]) => key)).toEqual(['c']);
  });
});

describe('a simulated connection', () => {
  let timeline: Timeline;
  let connection: Connection;
  let arrived: number[];
  let closed: boolean;
  beforeEach(() => {
    timeline = new Timeline(3);
    connection = new Connection(timeline, machineOn(timeline, 'a'), machineOn(timeline, 'b'));
    arrived = [];
    closed = false;
    const far = connection.ends[1];
    const take = async (): Promise<void> => {
      for await (const [value = -1] of far.messages()) arrived.push(value);
      closed = true;
    };
    void take();
  });

  function send(...values: number[]): void {
    for (const value of values) connection.ends[0].send(Uint8Array.of(value));
  }

  it('lets nothing pass while it is partitioned, and everything after', async () => {
    connection.freeze();
    send(1, 2, 3);
    await timeline.advance(60_000);
    expect([arrived, closed]).toEqual([[], false]);
    connection.thaw();
    await timeline.advance(10_000);
    expect([arrived, closed]).toEqual([[1, 2, 3], false]);
  });

  it('tells neither end when it falls silent, and never speaks again', async () => {
    connection.silence();
    send(1);
    connection.thaw();
    await timeline.advance(60_000);
    expect([arrived, closed]).toEqual([[], false]);
  });

  it('breaks in the middle: what arrives is a beginning of what was sent', async () => {
    const sent = Array.from({ length: 40 }, (_, n) => n);
    send(...sent);
    await timeline.advance(8);
    connection.reset();
    await timeline.advance(10_000);
    expect(closed).toBe(true);
    expect(arrived).toEqual(sent.slice(0, arrived.length));
  });
});

describe('a seed', () => {
  const { stackTraceLimit } = Error;
  beforeEach(() => void (Error.stackTraceLimit = 0));
  afterEach(() => void (Error.stackTraceLimit = stackTraceLimit));

  it('always gives the same history', async () => {
    const traces = new Set<string>();
    for (let seed = 1; seed <= 40; seed++) {
      const [once, again] = [await simulate(seed), await simulate(seed)];
      expect(again).toEqual(once);
      traces.add(once.trace);
    }
    expect(traces.size).toBe(40);
  });
});
