import { describe, expect, it } from 'vitest';
import type { JudgementState } from '../judgement/judgement-board.ts';
import { JUDGEMENT_CONDITION, judgementVerdict } from './judgement-condition.ts';
import type { NodeCondition } from './node-conditions.ts';

const judgement = (name: string, verdict: JudgementState['verdict'], why = ''): JudgementState => ({
  ...{ name, verdict, why, uid: 'u', generation: 1, origin: 'cluster', since: 0, z: 0 },
  ...{ units: [], flaw: undefined },
});
const told = [{ type: JUDGEMENT_CONDITION } as NodeCondition];

describe('the condition of judgements', () => {
  it('is True while all are Ready, and names the worst', () => {
    const ready = [judgement('a', 'Ready'), judgement('b', 'Ready')];
    expect(judgementVerdict(ready, [])).toMatchObject([
      { isTrue: true, reason: 'Ready', message: 'a is Ready; b is Ready' },
    ]);
    const mixed = [
      ...ready,
      judgement('c', 'Degraded', 'x'),
      judgement('d', 'Blocked', 'disk is 02'),
    ];
    expect(judgementVerdict(mixed, [])).toMatchObject([
      { isTrue: false, reason: 'Blocked', message: 'd is Blocked: disk is 02' },
    ]);
  });

  it('is none where nothing is judged, and not known where something was', () => {
    expect(judgementVerdict([], [])).toEqual([]);
    expect(judgementVerdict([], told)).toMatchObject([{ isTrue: undefined, reason: 'NotJudged' }]);
    expect(judgementVerdict([judgement('a', undefined)], told)).toMatchObject([
      { isTrue: undefined, reason: 'NotJudgedYet' },
    ]);
  });
});
