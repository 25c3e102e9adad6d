import { kubeTime } from '@skerry/shared/clock';
import type { Judgements, JudgementState, StartState, UnitState } from './judgement-board.ts';
import { formatResult } from './result.ts';
import type { PastResult, ResultStore } from './result-store.ts';

/** One unit as people and programs at the node see it. */
export interface UnitView extends Omit<UnitState, 'at' | 'since'> {
  readonly text: string;
  readonly at: string;
  readonly since: string;
  /** Oldest first; only when asked for. */
  readonly past: readonly PastResult[];
}

/** One judgement, likewise. Times are RFC 3339, those of the past milliseconds since the Unix epoch. */
export interface JudgementView extends Omit<JudgementState, 'units' | 'since'> {
  readonly since: string;
  readonly units: readonly UnitView[];
}

/** What `GET /judgements` answers. */
export interface JudgementsView {
  readonly node: string;
  readonly start: Omit<StartState, 'since'> & { readonly since: string };
  readonly judgements: readonly JudgementView[];
}

/** Results of the past that are shown of each unit at most. */
export const maxPast = 1_000;

/** Everything that is judged, with the newest `past` results of each unit. */
export async function judgementsView(
  node: string,
  board: Judgements,
  results: Pick<ResultStore, 'read'>,
  query: { readonly past: number; readonly now: number },
): Promise<JudgementsView> {
  const limit = Math.min(Math.max(0, query.past), maxPast);
  const pastOf = (judgement: string, unit: string): Promise<PastResult[]> =>
    limit === 0
      ? Promise.resolve([])
      : results.read(judgement, unit, { since: 0, until: query.now, limit });
  const judgements = await Promise.all(
    board.list().map(async (state): Promise<JudgementView> => {
      const units = await Promise.all(
        state.units.map(async (unit): Promise<UnitView> => ({
          ...unit,
          text: formatResult(unit),
          at: kubeTime(unit.at),
          since: kubeTime(unit.since),
          past: await pastOf(state.name, unit.unit),
        })),
      );
      return { ...state, since: kubeTime(state.since), units };
    }),
  );
  const start = { ...board.start, since: kubeTime(board.start.since) };
  return { node, start, judgements };
}
