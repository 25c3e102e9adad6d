import type { JudgementsView, UnitView } from '@skerry/edgecore/judgement/judgement-view';
import { runProgram } from '@skerry/shared/command-line';
import { describe, expect, it } from 'vitest';
import { program } from '../program.ts';
import { judgeText } from './judge-text.ts';
import { sparkline } from './sparkline.ts';

const unit = (wish: Partial<UnitView> = {}): UnitView => ({
  unit: 'disk',
  result: '02',
  text: 'disk#02@1',
  at: '2026-01-01T00:00:00Z',
  since: '2026-01-01T00:00:00Z',
  mean: 3.14159,
  passes: false,
  weight: 3,
  required: true,
  fault: undefined,
  past: [9, 6, undefined, 3].map((mean, at) => ({ at, result: '01', mean })),
  ...wish,
});
const view = (wish: Partial<JudgementsView['judgements'][number]> = {}): JudgementsView => ({
  node: 'edge-1',
  start: { phase: 'started', since: '2026-01-01T00:00:00Z', why: '', attempts: 1 },
  judgements: [
    {
      ...{ name: 'site', uid: 'u', generation: 1, origin: 'cluster', verdict: 'Blocked' },
      ...{ since: '2026-01-01T00:00:05Z', z: 0.25, units: [unit()], flaw: undefined },
      why: 'disk (required) is 02: measured 3.142',
      ...wish,
    },
  ],
});

describe('a sparkline', () => {
  it('is as high as its numbers, with a gap where there was none', () => {
    expect(sparkline([0, 7, undefined, 3.5], 10)).toBe('▁█ ▅');
    expect(sparkline([1, 2, 3], 2)).toBe('▁█');
    expect(sparkline([5, 5], 10)).toBe('▅▅');
    expect(sparkline([undefined], 10)).toBe(' ');
    expect(sparkline([], 10)).toBe('');
  });
});

describe('how a node fares, in words', () => {
  it('is what is wrong, since when, and what each unit measures', () => {
    expect(judgeText(view()).split('\n')).toEqual([
      'site is Blocked since 2026-01-01T00:00:05Z, 25 % of the weight passes',
      '  because disk (required) is 02: measured 3.142',
      '',
      'UNIT   RESULT   MEASURED   PASSES   SINCE                  WEIGHT        LATELY   FAULT',
      'disk   02       3.142      NO       2026-01-01T00:00:00Z   3, required   █▅ ▁',
    ]);
  });

  it('says what is not known, and why', () => {
    expect(judgeText(view({ verdict: undefined }))).toBe('site has not come to a verdict yet');
    expect(judgeText(view({ flaw: 'spec.units is empty' }))).toBe(
      'site cannot be judged by: spec.units is empty',
    );
    expect(judgeText({ ...view(), judgements: [] })).toMatch(/^edge-1 judges by nothing/);
    const fault = { result: '--', mean: undefined, fault: 'no answer within 5 s' };
    expect(judgeText(view({ units: [unit(fault)] }))).toMatch(
      /disk +-- +NO .* no answer within 5 s$/,
    );
  });

  it('says first that services are held back, why, and what is done about it', () => {
    const start = { ...view().start, phase: 'held', attempts: 4, why: 'site is Blocked' } as const;
    const [first, second, third] = judgeText({ ...view(), start }).split('\n');
    expect(first).toMatch(/^The services of edge-1 are held back since .*, after 4 verifications/);
    expect(second).toBe('  site is Blocked');
    expect(third).toMatch(/verified again, and start as soon as/);
  });

  it('is asked of an agent, and who answers otherwise is named', async () => {
    const asked = runProgram(program, ['judge', '--edge', 'http://127.0.0.1:1']);
    await expect(asked).rejects.toThrow(/nobody answers at http:\/\/127\.0\.0\.1:1/);
  });
});
