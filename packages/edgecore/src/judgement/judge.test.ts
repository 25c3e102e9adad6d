import { ManualClock } from '@skerry/shared/testing/manual-clock';
import type { JsonObject } from '@skerry/apiserver/json';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JudgementState, Turn } from './judgement-board.ts';
import { Judge, whyOf } from './judge.ts';
import { judgementSpec, type JudgementSpec } from './judgement-spec.ts';
import type { Source, SourceParts } from './sources/source.ts';
import { Unit, type Finding } from './unit.ts';
import { verify } from './verifier.ts';

const second = 1_000;
let clock: ManualClock;
let stop: AbortController;
let parts: SourceParts;
/** What devices last said, by property: a number of a unit is one of a device here. */
let heard: Map<string, () => Promise<string>>;

const unit = (name: string, wish: JsonObject = {}): JsonObject => ({
  name,
  source: { device: { name: 'd', property: name } },
  threshold: 1,
  periodSeconds: 10,
  timeoutSeconds: 2,
  ...wish,
});
const spec = (units: JsonObject[], wish: JsonObject = {}): JudgementSpec =>
  judgementSpec({ metadata: { name: 'health' }, spec: { units, turnsAfter: 2, ...wish } }, 'file');
const says = (property: string, value: number | string): void =>
  void heard.set(property, () => Promise.resolve(String(value)));

beforeEach(() => {
  clock = new ManualClock();
  stop = new AbortController();
  heard = new Map();
  parts = {
    clock,
    heard: async (_namespace, _name, property) => {
      const value = await heard.get(property)?.();
      return value === undefined ? undefined : { value, at: clock.now() };
    },
  } as Partial<SourceParts> as SourceParts;
});
afterEach(() => stop.abort());

describe('a unit', () => {
  const opened = (wish: JsonObject = {}): Unit =>
    new Unit(spec([unit('a', wish)]).units[0]!, parts);
  const attempt = async (one: Unit, ms = 0): Promise<Finding> => {
    const finding = one.attempt(stop.signal);
    await clock.advance(ms);
    return finding;
  };

  it('averages its newest samples', async () => {
    const one = opened({ mode: 'score', samples: 2, threshold: 100 });
    const found: string[] = [];
    for (const value of [10, 50, 70]) {
      says('a', value);
      found.push((await attempt(one)).result);
      await clock.advance(second);
    }
    expect(found).toEqual(['010', '030', '060']);
  });

  it('is not known when it throws, says nothing sensible, or is out of range', async () => {
    const one = opened({ range: { min: 0, max: 5 } });
    expect(await attempt(one)).toMatchObject({ result: '--', fault: { reason: 'error' } });
    says('a', 'warm');
    expect((await attempt(one)).fault?.message).toContain('"warm", no number');
    says('a', 6);
    expect(await attempt(one)).toMatchObject({
      result: '--',
      fault: { reason: 'range', message: '6 is out of range' },
    });
    says('a', 5);
    expect(await attempt(one)).toMatchObject({ result: '01', fault: undefined });
  });

  it('is not known when it hangs, and is not begun again until it has ended', async () => {
    let begun = 0;
    let end: (value: string) => void = () => undefined;
    heard.set('a', () => {
      begun += 1;
      return new Promise((resolve) => (end = resolve));
    });
    const one = opened();
    const late = await attempt(one, 3 * second);
    expect(late).toMatchObject({ result: '--', fault: { reason: 'timeout' } });
    expect(await attempt(one, 3 * second)).toMatchObject({ fault: { reason: 'timeout' } });
    expect(begun).toBe(1);
    end('1');
    await clock.advance(0);
    says('a', 1);
    expect(await attempt(one)).toMatchObject({ result: '01' });
  });

  it('may say in its last moment what was not reached in time', async () => {
    const source: Source = {
      sample: (signal) =>
        new Promise((resolve) => signal.addEventListener('abort', () => resolve(0))),
    };
    const bare = unit('a', { source: { cpu: {} } });
    const one = new Unit(spec([bare]).units[0]!, parts, () => source);
    expect(await attempt(one, 3 * second)).toMatchObject({ result: '02', mean: 0 });
  });

  it('that cannot be opened says why, and harms nobody', async () => {
    const wrong = { source: { load: { minutes: 7 } } };
    expect((await attempt(opened(wrong))).fault?.message).toContain('is not 1, 5 or 15');
    const misspelt = { source: { load: { minuts: 1 } } };
    expect((await attempt(opened(misspelt))).fault?.message).toContain(
      'unknown field spec.units[0].source.load.minuts; did you mean spec.units[0].source.load.minutes?',
    );
  });
});

describe('a judge', () => {
  let states: JudgementState[];
  let turns: Turn[];
  const judge = (
    of: JudgementSpec,
    held?: { verdict: 'Ready' | 'Blocked'; since: number },
  ): void => {
    [states, turns] = [[], []];
    const judging = new Judge(of, {
      ...{ sources: parts, clock, held },
      found: () => undefined,
      stands: (state) => void states.push(state),
      turned: (turn) => {
        turns.push(turn);
        return Promise.resolve();
      },
    });
    void judging.run(stop.signal);
  };
  const stands = (): string => `${states.at(-1)?.verdict} ${states.at(-1)?.z}`;

  it('waits until every unit was tried, and then judges every period', async () => {
    says('a', 1);
    heard.set('b', () => new Promise(() => undefined));
    judge(spec([unit('a', { weight: 3 }), unit('b')]));
    await clock.advance(2 * second);
    expect(states).toEqual([]);
    await clock.advance(second);
    expect(stands()).toBe('Degraded 0.75');
    expect(states[0]?.units.map(({ passes, fault }) => [passes, fault])).toEqual([
      [true, undefined],
      [false, 'no answer within 2 s'],
    ]);
    await clock.advance(20 * second);
    expect(states).toHaveLength(3);
  });

  it('turns after so many judgements in a row, with the strings that caused it', async () => {
    says('a', 1);
    says('b', 1);
    judge(spec([unit('a'), unit('b', { required: true })]));
    await clock.advance(second);
    expect(turns).toMatchObject([{ from: undefined, to: 'Ready', why: '' }]);
    says('b', 0);
    await clock.advance(10 * second);
    expect(stands()).toBe('Ready 0');
    await clock.advance(10 * second);
    expect(stands()).toBe('Blocked 0');
    expect(turns).toHaveLength(2);
    expect(turns[1]).toMatchObject({
      from: 'Ready',
      to: 'Blocked',
      why: 'b (required) is 02: measured 0',
    });
    expect(turns[1]?.results.map((text) => text.slice(0, 5))).toEqual(['a#01@', 'b#02@']);
    expect(states.at(-1)?.units[1]?.since).toBe(states.at(-2)?.units[1]?.since);
  });

  it('goes on with the verdict that stood before it', async () => {
    says('a', 1);
    judge(spec([unit('a')]), { verdict: 'Blocked', since: 7 });
    await clock.advance(second);
    expect(states.at(-1)).toMatchObject({ verdict: 'Blocked', since: 7, z: 1 });
    await clock.advance(10 * second);
    expect(turns).toMatchObject([{ from: 'Blocked', to: 'Ready' }]);
  });

  it('takes nothing for known that is labelled ahead of the clock', async () => {
    says('a', 1);
    judge(spec([unit('a', { periodSeconds: 3_600 })]));
    await clock.advance(second);
    expect(stands()).toBe('Ready 1');
    clock.jump(clock.now() - 60 * second);
    await clock.advance(20 * second);
    expect(stands()).toBe('Blocked 0');
  });
});

describe('verify', () => {
  it('measures everything once, asks what failed once more, and says what that comes to', async () => {
    says('a', 1);
    const units = [unit('a'), unit('b', { required: true })];
    const verifying = verify(spec(units), parts, stop.signal);
    await clock.advance(500);
    says('b', 0);
    await clock.advance(second);
    expect(await verifying).toMatchObject({
      judgement: 'health',
      verdict: 'Blocked',
      z: 0,
      results: [`a#01@${clock.now() - 500}`, `b#02@${clock.now() - 500}`],
      why: 'b (required) is 02: measured 0',
      logs: [],
    });
  });
});

it('says of units that fail what they measured, or why nothing', () => {
  const state = { at: 0, since: 0, weight: 1, required: false, passes: false };
  const failing = [
    { ...state, unit: 'a', result: '02', mean: 3.14159, fault: undefined },
    { ...state, unit: 'b', result: '--', mean: undefined, fault: 'no answer' },
    { ...state, unit: 'c', result: '01', mean: 1, fault: undefined, passes: true },
  ];
  expect(whyOf(failing)).toBe('a is 02: measured 3.142; b is --: no answer');
});
