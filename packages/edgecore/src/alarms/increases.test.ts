import { beforeEach, describe, expect, it } from 'vitest';
import { Increases } from './increases.ts';

const windowMs = 60_000;

let increases: Increases;
/** What a counter has grown by, seen at `now` with this value. */
function seen(now: number, value: number, of = 'rule'): number | undefined {
  return increases.over(of, new Map([['lost', value]]), { now, windowMs }).get('lost');
}

beforeEach(() => {
  increases = new Increases(0);
});

describe('how much a counter has grown', () => {
  it('counts from the start of the process while that is within the span', () => {
    expect(seen(10_000, 3)).toBe(3);
  });

  it('forgets what is older than the span', () => {
    seen(10_000, 3);
    expect(seen(65_000, 3)).toBe(3);
    expect(seen(71_000, 3)).toBe(0);
    expect(seen(72_000, 5)).toBe(2);
    expect(seen(300_000, 5)).toBe(0);
  });

  it('says nothing of what was before anybody asked', () => {
    expect(seen(600_000, 40)).toBe(0);
    expect(seen(601_000, 41)).toBe(1);
  });

  it('counts a series that appears later from 0', () => {
    seen(600_000, 40);
    const values = new Map([
      ['lost', 40],
      ['refused', 2],
    ]);
    const grown = increases.over('rule', values, { now: 610_000, windowMs });
    expect([...grown]).toEqual([
      ['lost', 0],
      ['refused', 2],
    ]);
  });

  it('is forgotten when nobody asks any more', () => {
    for (let rule = 0; rule < 100; rule++) seen(rule * windowMs, 1, `rule ${rule}`);
    expect(increases.size).toBe(2);
  });
});
