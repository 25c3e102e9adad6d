import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregate, satisfies, type Counting, type Rule } from './aggregate.ts';
import { extract } from './extract.ts';
import { formatResult, parseResult, results, scoreResult, type LabelledResult } from './result.ts';
import { defaultTable, standAfter, verdictOf, verdicts, type Standing } from './verdict.ts';
import { comparisons, weigh, type Sample, type Weighing } from './weigh.ts';

const T = 1_763_674_000_000;
const weighing = (wish: Partial<Weighing> = {}): Weighing => ({
  mode: 'score',
  samples: 5,
  threshold: 50,
  comparison: '>=',
  ...wish,
});
const samples = (...values: (number | undefined)[]): Sample[] =>
  values.map((value, index) => ({ at: T + index, value }));

const unitName = fc.constantFrom('cpu', 'memory', 'engine', 'door');
const result = fc.oneof(
  fc.integer({ min: 0, max: 100 }).map(scoreResult),
  fc.constantFrom<string>(results.yes, results.no, results.none),
);
const labelled = fc.record({
  unit: unitName,
  result,
  at: fc.integer({ min: T - 50, max: T + 50 }),
});
const rule: fc.Arbitrary<Rule> = fc.oneof(
  fc.record({
    operator: fc.constantFrom('>=' as const, '<=' as const),
    value: fc.integer({ min: 0, max: 100 }),
  }),
  fc.record({ operator: fc.constant('eq' as const), value: result }),
  fc.record({ operator: fc.constant('in' as const), values: fc.array(result) }),
);
const unit = fc.record({
  name: unitName,
  rule,
  weight: fc.integer({ min: 0, max: 100 }),
  required: fc.boolean(),
});
const units = fc.uniqueArray(unit, { selector: ({ name }) => name });
const sample = fc.record({
  at: fc.integer({ min: T, max: T + 20 }),
  value: fc.option(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { nil: undefined }),
});
const anyWeighing = fc.record<Weighing>({
  mode: fc.constantFrom('score', 'yesNo'),
  samples: fc.integer({ min: 1, max: 8 }),
  threshold: fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
  comparison: fc.constantFrom(...comparisons),
});
const verdict = fc.constantFrom(...verdicts);

describe('weigh', () => {
  it.each([
    [[40, 60], '>=', 50, '100'],
    [[43.5], '>=', 50, '087'],
    [[1_000], '>=', 50, '100'],
    [[-3], '>=', 50, '000'],
    [[100], '<=', 50, '050'],
    [[25], '<=', 50, '100'],
    [[0], '<=', 50, '100'],
    [[0], '>=', 0, '100'],
    [[undefined], '>=', 50, '--'],
    [[], '<=', 50, '--'],
  ] as const)('scores %j %s %d as %s', (values, comparison, threshold, score) => {
    expect(weigh(samples(...values), weighing({ comparison, threshold }))).toBe(score);
  });

  it.each([
    [1, '>=', '01'],
    [0, '>=', '02'],
    [1, '==', '01'],
    [1, '!=', '02'],
    [1, '>', '02'],
    [1, '<=', '01'],
    [1, '<', '02'],
  ] as const)('says of %d %s 1: %s', (value, comparison, said) => {
    const asked = weighing({ mode: 'yesNo', threshold: 1, comparison });
    expect(weigh(samples(value), asked)).toBe(said);
  });

  it('takes the newest attempts alone, and of these the ones that gave a number', () => {
    const asked = weighing({ samples: 2, threshold: 100 });
    expect(weigh(samples(1, 50, 70), asked)).toBe('060');
    expect(weigh(samples(1, undefined, 70), asked)).toBe('070');
    expect(weigh(samples(1, undefined, undefined), asked)).toBe('--');
  });

  it('always finds a result of the mode, whatever order the samples came in', () => {
    fc.assert(
      fc.property(
        fc.array(sample),
        anyWeighing,
        fc.infiniteStream(fc.nat()),
        (given, how, dice) => {
          const found = weigh(given, how);
          expect(found).toMatch(how.mode === 'score' ? /^(0\d\d|100|--)$/ : /^(01|02|--)$/);
          expect(weigh(shuffled(given, dice), how)).toBe(found);
        },
      ),
    );
  });
});

describe('a result as text', () => {
  it('is unit, result and time', () => {
    expect(formatResult({ unit: 'memory', result: scoreResult(87), at: T })).toBe(
      'memory#087@1763674000000',
    );
    expect(formatResult({ unit: 'engine', result: results.yes, at: T })).toBe(
      'engine#01@1763674000000',
    );
  });

  it('reads back as it was, and nothing else does', () => {
    fc.assert(
      fc.property(labelled, (one) => {
        expect(parseResult(formatResult(one))).toEqual(one);
      }),
    );
    for (const odd of ['', 'a#1@2', 'a#03@2', '#01@2', 'a#01@', 'a#01@-1', 'a@01#2', 'a#b#01@2'])
      expect(parseResult(odd)).toBeUndefined();
  });
});

describe('extract', () => {
  const names = ['cpu', 'memory', 'engine', 'door'];

  it('takes the newest of each unit within the window, which begins after its first moment', () => {
    const at = (offset: number, found: string): LabelledResult => ({
      unit: 'cpu',
      result: found,
      at: T + offset,
    });
    const within = { at: T, windowMs: 10 };
    const of = (...found: LabelledResult[]): string =>
      extract(found, ['cpu'], within).map(formatResult).join();
    expect(of(at(-9, '010'), at(-1, '011'), at(-5, '012'))).toBe(`cpu#011@${T - 1}`);
    expect(of(at(0, '013'))).toBe(`cpu#013@${T}`);
    expect(of(at(-10, '014'), at(1, '015'))).toBe(`cpu#--@${T}`);
  });

  it('does not depend on the order of arrival, nor on labels outside the window', () => {
    const cases = [
      fc.array(labelled),
      fc.integer({ min: 0, max: 60 }),
      fc.infiniteStream(fc.nat()),
    ] as const;
    fc.assert(
      fc.property(...cases, (given, windowMs, dice) => {
        const window = { at: T, windowMs };
        const found = extract(given, names, window);
        const inside = given.filter(({ at }) => at > T - windowMs && at <= T);
        expect(extract(shuffled(given, dice), names, window)).toEqual(found);
        expect(extract(inside, names, window)).toEqual(found);
        expect(found.map((one) => one.unit)).toEqual(names);
      }),
    );
  });
});

describe('satisfies', () => {
  it.each([
    ['080', { operator: '>=', value: 80 }, true],
    ['079', { operator: '>=', value: 80 }, false],
    ['01', { operator: '>=', value: 0 }, false],
    ['--', { operator: '<=', value: 100 }, false],
    ['01', { operator: 'eq', value: '01' }, true],
    ['001', { operator: 'eq', value: '01' }, false],
    ['--', { operator: 'in', values: ['01', '--'] }, true],
    ['02', { operator: 'in', values: ['01', '--'] }, false],
  ] as const)('%s by %j: %s', (found, asked, passes) => {
    expect(satisfies(found, asked)).toBe(passes);
  });
});

describe('aggregate', () => {
  const of = (name: string, wish: Partial<Counting> = {}): Counting => ({
    name,
    rule: { operator: 'eq', value: results.yes },
    weight: 1,
    required: false,
    ...wish,
  });
  const said = (unitOf: string, found: string): LabelledResult => ({
    unit: unitOf,
    result: found,
    at: T,
  });

  it('is the weighed share of those that pass', () => {
    const found = [said('a', '01'), said('b', '02'), said('c', '01')];
    expect(aggregate(found, [of('a', { weight: 3 }), of('b'), of('c')]).z).toBe(0.8);
  });

  it('is 0 when a required unit fails or is not known, even if its rule would take that', () => {
    const lenient: Rule = { operator: 'in', values: ['01', '--'] };
    const required = of('b', { required: true, rule: lenient });
    expect(aggregate([said('a', '01'), said('b', '02')], [of('a'), required]).z).toBe(0);
    expect(aggregate([said('a', '01'), said('b', '--')], [of('a'), required]).z).toBe(0);
    expect(aggregate([said('a', '01')], [of('a'), required]).z).toBe(0);
    expect(
      aggregate([said('a', '01'), said('b', '--')], [of('a'), of('b', { rule: lenient })]).z,
    ).toBe(1);
  });

  it('is never worsened by one more unit that passes', () => {
    fc.assert(
      fc.property(
        fc.array(labelled),
        units,
        fc.nat(100),
        fc.boolean(),
        (given, asked, weight, required) => {
          const found = extract(
            given,
            asked.map(({ name }) => name),
            { at: T, windowMs: 60 },
          );
          const { z } = aggregate(found, asked);
          const more = aggregate(
            [...found, said('new', '01')],
            [...asked, of('new', { weight, required })],
          );
          expect(more.z).toBeGreaterThanOrEqual(z);
          expect(z).toBeGreaterThanOrEqual(0);
          expect(more.z).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('does not depend on the order of units or results', () => {
    fc.assert(
      fc.property(fc.array(labelled), units, fc.infiniteStream(fc.nat()), (given, asked, dice) => {
        const found = extract(
          given,
          asked.map(({ name }) => name),
          { at: T, windowMs: 60 },
        );
        const { z } = aggregate(found, asked);
        expect(aggregate(shuffled(found, dice), shuffled(asked, dice)).z).toBe(z);
      }),
    );
  });
});

describe('a verdict', () => {
  it.each([
    [1, 'Ready'],
    [0.8, 'Ready'],
    [0.79, 'Degraded'],
    [0.5, 'Degraded'],
    [0.49, 'Blocked'],
    [0, 'Blocked'],
  ])('of %d is %s', (z, is) => expect(verdictOf(z, defaultTable)).toBe(is));

  it('follows an edited table, in whatever order its rows stand', () => {
    const table = [
      { atLeast: 0.3, verdict: 'Degraded' },
      { atLeast: 1, verdict: 'Ready' },
    ] as const;
    expect([1, 0.99, 0.3, 0.29].map((z) => verdictOf(z, table))).toEqual([
      'Ready',
      'Degraded',
      'Degraded',
      'Blocked',
    ]);
  });

  const after = (turnsAfter: number, seen: readonly (typeof verdicts)[number][]): Standing[] => {
    const stood: Standing[] = [];
    for (const [index, one] of seen.entries())
      stood.push(standAfter(stood.at(-1), one, { turnsAfter, now: T + index }));
    return stood;
  };

  it('turns after so many in a row, and says since when it stands', () => {
    const stood = after(3, [
      'Ready',
      'Blocked',
      'Blocked',
      'Ready',
      'Blocked',
      'Blocked',
      'Blocked',
    ]);
    expect(stood.map(({ verdict }) => verdict)).toEqual([
      ...Array<string>(6).fill('Ready'),
      'Blocked',
    ]);
    expect(stood.map(({ since }) => since - T)).toEqual([0, 0, 0, 0, 0, 0, 6]);
  });

  it('is not Ready for wavering, nor by one good sighting', () => {
    expect(after(3, ['Ready', 'Degraded', 'Blocked', 'Degraded']).at(-1)?.verdict).toBe('Degraded');
    expect(after(3, ['Blocked', 'Degraded', 'Degraded', 'Ready']).at(-1)?.verdict).toBe('Degraded');
  });

  it('never turns earlier, and always to what was seen since it stood', () => {
    fc.assert(
      fc.property(
        fc.array(verdict, { minLength: 1 }),
        fc.integer({ min: 1, max: 6 }),
        (seen, turnsAfter) => {
          const stood = after(turnsAfter, seen);
          for (const [index, { verdict: now }] of stood.entries()) {
            const before = stood[index - 1]?.verdict;
            if (before === undefined || before === now) continue;
            const run = seen.slice(index - turnsAfter + 1, index + 1);
            expect(run).toHaveLength(turnsAfter);
            expect(run).not.toContain(before);
            expect(run).toContain(now);
          }
          const last = seen.at(-1);
          if (seen.slice(-turnsAfter).every((one) => one === last) && seen.length >= turnsAfter)
            expect(stood.at(-1)?.verdict).toBe(last);
        },
      ),
    );
  });
});

function shuffled<T>(given: readonly T[], dice: Iterator<number>): T[] {
  const rest = [...given];
  return given.flatMap(() => rest.splice((dice.next().value as number) % rest.length, 1));
}
