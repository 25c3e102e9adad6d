import { keyOf } from '@skerry/shared/testing/changes';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryReports } from './memory-reports.ts';

let settled: [string, number][];
let clock: ManualClock;
let reports: MemoryReports;

beforeEach(() => {
  settled = [];
  clock = new ManualClock();
  reports = new MemoryReports({ clock, settled: (outcome, ms) => settled.push([outcome, ms]) });
});

async function taken(limit = 10): Promise<string[]> {
  return (await reports.take(limit)).map(({ payload }) => Buffer.from(payload).toString('utf8'));
}

describe('reports of a simulated node', () => {
  it('keep the newest of each key, in the order in which the keys came', async () => {
    for (const [name, n] of [
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ] as const)
      // prettier-ignore
      reports.report(keyOf(name), { n });
    expect(await taken(1)).toEqual(['{"n":3}']);
    expect(await taken()).toEqual(['{"n":2}']);
    expect(reports.idle).toBe(true);
  });

  it('tell how long it took until the hub had answered, once', async () => {
    reports.report(keyOf('a'), {});
    const [report] = await reports.take(1);
    await clock.advance(40);
    await reports.settle(report?.id ?? 0);
    await reports.settle(report?.id ?? 0);
    expect(settled).toEqual([['accepted', 40]]);
  });

  it('are sent again after a cut, unless there is a newer one', async () => {
    reports.report(keyOf('a'), { n: 1 });
    reports.report(keyOf('b'), { n: 2 });
    await reports.take(2);
    reports.report(keyOf('a'), { n: 3 });
    reports.rewind();
    expect((await taken()).toSorted()).toEqual(['{"n":2}', '{"n":3}']);
  });
});
