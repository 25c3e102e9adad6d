import type { LabelledResult } from './result.ts';
import type { Verdict } from './verdict.ts';

/** One unit, as far as it has been measured. */
export interface UnitState extends LabelledResult {
  /** M of the newest samples, in the unit of its source; undefined when there is none. */
  readonly mean: number | undefined;
  readonly passes: boolean;
  /** Since when it passes, or does not; milliseconds since the Unix epoch. */
  readonly since: number;
  readonly weight: number;
  readonly required: boolean;
  /** Why the newest attempt to measure came to nothing; undefined when it did not. */
  readonly fault: string | undefined;
}

/** What one judgement has come to on this node. */
export interface JudgementState {
  readonly name: string;
  readonly uid: string;
  readonly generation: number;
  readonly origin: 'cluster' | 'file';
  /** Undefined until every unit has been tried once. */
  readonly verdict: Verdict | undefined;
  /** Since when it stands, milliseconds since the Unix epoch; of a judgement without one, since it is known. */
  readonly since: number;
  /** Of the newest judgement. */
  readonly z: number | undefined;
  readonly units: readonly UnitState[];
  /** Why it cannot be judged by, where the object is not as it should be. */
  readonly flaw: string | undefined;
}

/** What listeners hear; what it is now, they read. */
export type JudgementNews =
  /** It has another verdict, or is judged anew after its object changed. */
  | { readonly type: 'verdict'; readonly judgement: string }
  /** A unit passes where it did not, or the other way around. */
  | { readonly type: 'unit'; readonly judgement: string; readonly unit: string }
  /** It is no longer judged here. */
  | { readonly type: 'gone'; readonly judgement: string };

/** A verdict that has turned, with what caused it. */
export interface Turn {
  readonly judgement: string;
  readonly uid: string;
  readonly generation: number;
  readonly origin: 'cluster' | 'file';
  /** Undefined: the first. */
  readonly from: Verdict | undefined;
  readonly to: Verdict;
  readonly at: number;
  readonly z: number;
  /** Of every unit, as `formatResult` writes them. */
  readonly results: readonly string[];
  /** What fails and why, in a sentence; empty when nothing does. */
  readonly why: string;
}

/** What is judged on this node, for other rooms to read. Nothing here waits for disk or network. */
export interface Judgements {
  /** In the order of their names. */
  list(): readonly JudgementState[];
  get(name: string): JudgementState | undefined;
  /** Calls `listener` with all news until the answer is called. It must only take note. */
  listen(listener: (news: JudgementNews) => void): () => void;
}

/** The judgements of this node as they are now: written by those who judge, read by everybody else. */
export class JudgementBoard implements Judgements {
  readonly #states = new Map<string, JudgementState>();
  readonly #listeners = new Set<(news: JudgementNews) => void>();

  list(): readonly JudgementState[] {
    return [...this.#states.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): JudgementState | undefined {
    return this.#states.get(name);
  }

  listen(listener: (news: JudgementNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  put(state: JudgementState): void {
    const before = this.#states.get(state.name);
    this.#states.set(state.name, state);
    if (saysOtherwise(state, before)) this.#tell({ type: 'verdict', judgement: state.name });
    for (const { unit, passes } of state.units) {
      const was = before?.units.find((one) => one.unit === unit);
      if (was && was.passes !== passes) this.#tell({ type: 'unit', judgement: state.name, unit });
    }
  }

  remove(name: string): void {
    if (this.#states.delete(name)) this.#tell({ type: 'gone', judgement: name });
  }

  #tell(news: JudgementNews): void {
    for (const listener of this.#listeners) listener(news);
  }
}

function saysOtherwise(state: JudgementState, before: JudgementState | undefined): boolean {
  return (
    !before ||
    state.verdict !== before.verdict ||
    state.uid !== before.uid ||
    state.generation !== before.generation ||
    state.flaw !== before.flaw
  );
}
