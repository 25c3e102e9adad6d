import { worstOf, type JudgementState } from '../judgement/judgement-board.ts';
import type { NodeCondition, Verdict } from './node-conditions.ts';

/** Type of the condition that says what the node comes to by its judgements. */
export const JUDGEMENT_CONDITION = 'edge.skerry.io/Judgement';

/**
 * What the judgements of the node come to together, the worst of them: True while all are Ready. None where
 * nothing is judged; one that was told before is then not known any more.
 */
export function judgementVerdict(
  judgements: readonly JudgementState[],
  previous: readonly NodeCondition[],
): Verdict[] {
  const worst = worstOf(judgements);
  if (worst) {
    const isTrue = worst.verdict === 'Ready';
    const said = worst.of.map(({ name, verdict, why }) => sentence(name, verdict ?? '', why));
    return [{ type: JUDGEMENT_CONDITION, isTrue, reason: worst.verdict, message: said.join('; ') }];
  }
  if (!previous.some(({ type }) => type === JUDGEMENT_CONDITION)) return [];
  const message =
    judgements.length > 0
      ? 'no judgement has come to a verdict yet'
      : 'this node judges by nothing';
  const reason = judgements.length > 0 ? 'NotJudgedYet' : 'NotJudged';
  return [{ type: JUDGEMENT_CONDITION, isTrue: undefined, reason, message }];
}

function sentence(name: string, verdict: string, why: string): string {
  return why === '' ? `${name} is ${verdict}` : `${name} is ${verdict}: ${why}`;
}
