import { describe, expect, it } from 'vitest';
import {
  evictionMessage,
  evictionOrder,
  shortages,
  type Evictable,
  type Signal,
} from './eviction.ts';
import type { NodeFacts } from './node-facts.ts';

const MiB = 1024 ** 2;
const facts = {
  memoryAvailableBytes: 500 * MiB,
  diskAvailableBytes: 500 * MiB,
  inodes: 1000,
  inodesAvailable: 500,
  threads: 100,
  maxThreads: 1000,
} as NodeFacts;
const least = { memoryBytes: 100 * MiB, diskBytes: 100 * MiB, inodes: 50, threads: 100 };
const short = (more: Partial<NodeFacts>): string[] =>
  shortages({ ...facts, ...more }, least).map(({ signal }) => signal);

describe('shortages', () => {
  it.each([
    [{}, []],
    [{ memoryAvailableBytes: 100 * MiB }, []],
    [{ memoryAvailableBytes: 99 * MiB }, ['memory.available']],
    [{ diskAvailableBytes: 0, inodesAvailable: 0 }, ['nodefs.available', 'nodefs.inodesFree']],
    [{ inodes: 0, inodesAvailable: 0 }, []],
    [{ threads: 901 }, ['pid.available']],
    [{ maxThreads: Infinity }, []],
  ])('of %j are %j', (more, signals) => {
    expect(short(more)).toEqual(signals);
  });

  it('are told as a kubelet tells them', () => {
    const [memory] = shortages({ ...facts, memoryAvailableBytes: 50 * MiB }, least);
    expect(evictionMessage(memory!)).toBe(
      'The node was low on resource: memory. Threshold quantity: 102400Ki, available: 51200Ki. ',
    );
  });
});

describe('evictionOrder', () => {
  const pod = (name: string, more: Partial<Evictable>): Evictable & { readonly name: string } => ({
    name,
    priority: 0,
    memoryRequestBytes: 0,
    diskRequestBytes: 0,
    memoryBytes: 0,
    diskBytes: 0,
    inodes: 1,
    processes: 1,
    ...more,
  });
  const order = (pods: readonly (Evictable & { readonly name: string })[]): string[] =>
    evictionOrder(pods, 'memory.available').map(({ name }) => name);

  it('takes who uses more than asked for before the others, whatever their priority', () => {
    expect(
      order([
        pod('guaranteed', { memoryRequestBytes: 100, memoryBytes: 90, priority: -5 }),
        pod('burstable', { memoryRequestBytes: 10, memoryBytes: 20, priority: 10 }),
      ]),
    ).toEqual(['burstable', 'guaranteed']);
  });

  it('then the less important, then who uses most beyond', () => {
    expect(
      order([
        pod('little', { memoryBytes: 5 }),
        pod('important', { memoryBytes: 500, priority: 1000 }),
        pod('much', { memoryBytes: 50 }),
      ]),
    ).toEqual(['much', 'little', 'important']);
  });

  it('spares what the system cannot do without', () => {
    expect(order([pod('critical', { priority: 2_000_001_000, memoryBytes: 5 })])).toEqual([]);
  });

  it('counts files where inodes run short, however much is in them', () => {
    const hoarder = pod('hoarder', { inodes: 90_000, diskBytes: 1 });
    const pods = [pod('large', { diskBytes: 500 * MiB, inodes: 3 }), hoarder];
    const names = (signal: Signal): string[] => evictionOrder(pods, signal).map(({ name }) => name);
    expect(names('nodefs.inodesFree')).toEqual(['hoarder', 'large']);
    expect(names('nodefs.available')).toEqual(['large', 'hoarder']);
  });

  it('counts processes where those run short', () => {
    const pods = [pod('one', { processes: 1 }), pod('bomb', { processes: 900 })];
    expect(evictionOrder(pods, 'pid.available').map(({ name }) => name)).toEqual(['bomb', 'one']);
  });
});
