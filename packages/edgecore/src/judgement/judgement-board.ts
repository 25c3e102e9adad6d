import type { LabelledResult } from './result.ts';
import { verdicts, type Verdict } from './verdict.ts';

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
  /** What failed and why when the verdict turned, or was found first; empty when nothing did. */
  readonly why: string;
  /** Why it cannot be judged by, where the object is not as it should be. */
  readonly flaw: string | undefined;
}

/** How far the services of the agent (pods, cron, devices) are from starting. */
export interface StartState {
  /** `held`: a judgement that they wait for is Blocked. */
  readonly phase: 'verifying' | 'held' | 'started';
  /** Milliseconds since the Unix epoch. */
  readonly since: number;
  /** Which judgement, which unit failed, and why; empty unless held, or started with a warning. */
  readonly why: string;
  /** Verifications so far. */
  readonly attempts: number;
}

/** What listeners hear; what it is now, they read. */
export type JudgementNews =
  /** It has another verdict, or is judged anew after its object changed. */
  | { readonly type: 'verdict'; readonly judgement: string }
  /** A unit passes where it did not, or the other way around. */
  | { readonly type: 'unit'; readonly judgement: string; readonly unit: string }
  /** It is no longer judged here. */
  | { readonly type: 'gone'; readonly judgement: string }
  /** The services of the agent have started, or are held back. */
  | { readonly type: 'start' };

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
  readonly start: StartState;
  /** Calls `listener` with all news until the answer is called. It must only take note. */
  listen(listener: (news: JudgementNews) => void): () => void;
}

/** The judgements of this node as they are now: written by those who judge, read by everybody else. */
export class JudgementBoard implements Judgements {
  readonly #states = new Map<string, JudgementState>();
  readonly #listeners = new Set<(news: JudgementNews) => void>();

  #start: StartState = { phase: 'verifying', since: 0, why: '', attempts: 0 };

  get start(): StartState {
    return this.#start;
  }

  started(state: StartState): void {
    this.#start = state;
    this.#tell({ type: 'start' });
  }

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

/** The worst verdict of all, and whose it is; undefined where nothing has been judged yet. */
export function worstOf(
  judgements: readonly JudgementState[],
): { readonly verdict: Verdict; readonly of: readonly JudgementState[] } | undefined {
  for (const verdict of verdicts.toReversed()) {
    const of = judgements.filter((one) => one.verdict === verdict);
    if (of.length > 0) return { verdict, of };
  }
  return undefined;
}
