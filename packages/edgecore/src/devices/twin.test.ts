import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clockAheadMs,
  declare,
  delta,
  desire,
  document,
  forget,
  report,
  type Reading,
  type Twin,
  type Wishes,
} from './twin.ts';

const now = Date.UTC(2026, 0, 1);
const empty: Twin = new Map();

function reading(value: string, sourceTime?: number): Reading {
  return sourceTime === undefined ? { property: 't', value } : { property: 't', value, sourceTime };
}

const other = { property: 'other' };

function afterAll(readings: readonly Reading[], from: Twin = empty): Twin {
  return readings.reduce((twin, one) => report(twin, one, now).twin, from);
}

function wishes(generation: number, values: Record<string, string>): Wishes {
  const entries = Object.entries(values).map(([name, value]) => [name, { value }] as const);
  return { generation, values: new Map(entries), settled: new Map() };
}

describe('what is reported', () => {
  it('ends with the newest source time, in whatever order readings arrive', () => {
    const times = fc.uniqueArray(fc.integer({ min: now - 1e9, max: now }), { minLength: 1 });
    fc.assert(
      fc.property(times, (arrivals) => {
        const twin = afterAll(arrivals.map((time) => reading(`at ${time}`, time)));
        expect(twin.get('t')?.reported?.value).toBe(`at ${Math.max(...arrivals)}`);
      }),
    );
  });

  it('ends with the last arrival when the device gives no time', () => {
    expect(afterAll([reading('1'), reading('2')]).get('t')?.reported?.value).toBe('2');
  });

  it('takes the later of two readings of the same time', () => {
    expect(afterAll([reading('1', now), reading('2', now)]).get('t')?.reported?.value).toBe('2');
  });

  it('calls a reading late that is older than what is held, and changes nothing', () => {
    const held = afterAll([reading('2', now)]);
    expect(report(held, reading('1', now - 1), now)).toEqual({ outcome: 'late', twin: held });
  });

  it('is not silenced by a clock that was ahead of ours', () => {
    const future = reading('99', now + clockAheadMs + 1);
    expect(afterAll([future, reading('21', now)]).get('t')?.reported?.value).toBe('21');
    const slightlyAhead = reading('99', now + clockAheadMs);
    expect(afterAll([slightlyAhead, reading('21', now)]).get('t')?.reported?.value).toBe('99');
  });

  it('does not go back behind a reading whose time was ahead of ours', () => {
    const ahead = [reading('21', now - 2), reading('98', now + 1e9), reading('99', now + 1e9)];
    const held = afterAll(ahead);
    expect(report(held, reading('20', now - 3), now)).toEqual({ outcome: 'late', twin: held });
    expect(report(held, reading('22', now - 1), now).outcome).toBe('changed');
  });

  it('is not silenced by the time when our own clock was ahead', () => {
    const ahead = now + 365 * 86_400_000;
    for (const sourceTime of [ahead, ahead + 1e9]) {
      const held = report(empty, reading('20', sourceTime), ahead).twin;
      expect(report(held, reading('21', now), now).outcome).toBe('changed');
    }
  });

  it('counts changes of the value, not repetitions, and keeps the newest time', () => {
    const types = new Map([['t', 'FLOAT']] as const);
    const twin = afterAll(
      [reading('25', 1_000), reading('25.0', 2_000), reading('26', 3_000)],
      declare(empty, types),
    );
    expect(twin.get('t')?.reported).toEqual({
      value: '26',
      sourceTime: 3_000,
      receivedAt: now,
      version: { cloud: 0, edge: 2 },
    });
    expect(report(twin, reading('26.0', 4_000), now).outcome).toBe('unchanged');
  });

  it('holds names that every object inherits', () => {
    const { outcome, twin } = report(empty, { property: '__proto__', value: '1' }, now);
    expect(outcome).toBe('changed');
    expect([...twin.keys()]).toEqual(['__proto__']);
  });

  it('goes with a property that its model no longer has; what programs report beside it stays', () => {
    const declared = declare(empty, new Map([['t', 'INT']]));
    const both = report(
      afterAll([reading('1', now)], declared),
      { ...other, value: 'x' },
      now,
    ).twin;
    expect([...declare(both, new Map()).keys()]).toEqual(['other']);
    expect(forget(both, 'other').has('other')).toBe(false);
  });

  it('goes when it is no value of the new type of its property', () => {
    const types = (type: 'INT' | 'FLOAT' | 'STRING') => new Map([['t', type]]);
    const held = afterAll([reading('21.5', now)], declare(empty, types('FLOAT')));
    expect(declare(held, types('STRING')).get('t')).toMatchObject({
      type: 'STRING',
      reported: { value: '21.5' },
    });
    expect(declare(held, types('INT')).get('t')).toEqual({ type: 'INT', declared: true });
    expect(declare(held, types('FLOAT'))).toBe(held);
  });

  it('is forgotten when asked, and the first report after it is as good as any', () => {
    const twin = forget(afterAll([reading('1', now)]), 't');
    expect(twin.get('t')?.reported).toBeUndefined();
    expect(report(twin, reading('0', now - 1), now).outcome).toBe('changed');
    expect(forget(twin, 't')).toBe(twin);
  });
});

describe('what is desired', () => {
  it('becomes what the newest Device says, whatever was said before', () => {
    const values = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'));
    fc.assert(
      fc.property(fc.array(values, { minLength: 1 }), (said) => {
        const twin = said.reduce((held, one, at) => desire(held, wishes(at + 1, one), now), empty);
        const desired = [...twin].flatMap(([name, held]) =>
          held.desired ? [[name, held.desired.value]] : [],
        );
        expect(Object.fromEntries(desired)).toEqual(said.at(-1));
      }),
    );
  });

  it('keeps its version while the wish stays the same', () => {
    const first = desire(empty, wishes(3, { a: '1' }), now);
    expect(desire(first, wishes(4, { a: '1' }), now + 1)).toBe(first);
    const second = desire(first, wishes(5, { a: '2' }), now + 2);
    expect(second.get('a')?.desired?.version).toEqual({ cloud: 5, edge: 0 });
  });

  it('is not undone by an older Device', () => {
    const held = desire(empty, wishes(5, { a: '2' }), now);
    expect(desire(held, wishes(4, { a: '1' }), now)).toBe(held);
    expect(desire(held, wishes(4, {}), now)).toBe(held);
  });

  it('leaves the reported side alone', () => {
    const held = afterAll([reading('1', now)]);
    const twin = desire(held, wishes(1, { t: '2' }), now);
    expect(twin.get('t')?.reported).toBe(held.get('t')?.reported);
  });
});

describe('the delta', () => {
  it('holds exactly the wishes that are not reported', () => {
    const values = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '1.0', '2'));
    fc.assert(
      fc.property(values, values, (wanted, said) => {
        const types = new Map(['a', 'b', 'c'].map((name) => [name, 'FLOAT'] as const));
        let twin = desire(declare(empty, types), wishes(1, wanted), now);
        for (const [property, value] of Object.entries(said))
          ({ twin } = report(twin, { property, value }, now));
        const unmet = Object.entries(wanted).filter(
          ([name, value]) => said[name] === undefined || Number(said[name]) !== Number(value),
        );
        expect([...delta(twin)].sort()).toEqual(unmet.sort());
      }),
    );
  });
});

describe('the document', () => {
  it('shows what was before and what is now, of changed properties alone', () => {
    const before = afterAll([reading('1', 1_000), { property: 'u', value: 'x' }]);
    const after = desire(report(before, reading('2', 2_000), now).twin, wishes(1, { v: '3' }), now);
    const steps = document(before, after);
    expect([...steps.keys()].sort()).toEqual(['t', 'v']);
    expect(steps.get('t')?.last?.reported?.value).toBe('1');
    expect(steps.get('t')?.current?.reported?.value).toBe('2');
    expect(steps.get('v')?.last).toBeUndefined();
  });

  it('is empty for a repetition', () => {
    const before = afterAll([reading('1', 1_000)]);
    expect(document(before, report(before, reading('1', 2_000), now).twin).size).toBe(0);
  });
});
