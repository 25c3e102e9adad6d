import type { Clock } from '@skerry/shared/clock';
import { isAbort } from '@skerry/shared/errors';
import { aborted } from '@skerry/shared/supervise';
import { aggregate, type Aggregate, type Mark } from './aggregate.ts';
import { extract } from './extract.ts';
import type { JudgementState, Turn, UnitState } from './judgement-board.ts';
import type { JudgementSpec } from './judgement-spec.ts';
import { formatResult, type LabelledResult } from './result.ts';
import type { SourceParts } from './sources/source.ts';
import { Unit, type Finding } from './unit.ts';
import { standAfter, verdictOf, type Standing } from './verdict.ts';

export interface JudgeParts {
  readonly sources: SourceParts;
  readonly clock: Clock;
  /** What stood when the agent ended. */
  readonly held: Standing | undefined;
  /** Told of every finding, as it is made. */
  readonly found: (unit: string, finding: Finding) => void;
  /** Told how things stand, after every judgement. */
  readonly stands: (state: JudgementState) => void;
  /** Told when the verdict has turned. */
  readonly turned: (turn: Turn) => Promise<void>;
}

/**
 * Judges by one object until its signal aborts: every unit measures in a loop of its own, so that none waits
 * for another, and what they found last is judged every period.
 */
export class Judge {
  readonly #spec: JudgementSpec;
  readonly #parts: JudgeParts;
  readonly #units: readonly Unit[];
  readonly #findings = new Map<string, Finding>();
  readonly #passing = new Map<string, { readonly passes: boolean; readonly since: number }>();
  #standing: Standing | undefined;
  #why: string | undefined;

  constructor(spec: JudgementSpec, parts: JudgeParts) {
    this.#spec = spec;
    this.#parts = parts;
    this.#standing = parts.held;
    this.#units = spec.units.map((unit) => new Unit(unit, parts.sources));
  }

  async run(signal: AbortSignal): Promise<void> {
    const first = this.#units.map(() => Promise.withResolvers<undefined>());
    const loops = this.#units.map((unit, index) =>
      this.#attend(unit, () => first[index]?.resolve(undefined), signal),
    );
    const tried = Promise.all(first.map(({ promise }) => promise));
    await Promise.all([...loops, this.#judge(tried, signal)]).catch((error: unknown) => {
      if (!isAbort(error, signal)) throw error;
    });
  }

  /** The ticks do not shift when a sample takes long; of those that were missed, none is made up for. */
  async #attend(unit: Unit, tried: () => void, signal: AbortSignal): Promise<void> {
    const { clock, found } = this.#parts;
    const { name, periodMs } = unit.spec;
    let next = clock.monotonic();
    for (;;) {
      const finding = await unit.attempt(signal);
      this.#findings.set(name, finding);
      found(name, finding);
      tried();
      next = Math.max(next + periodMs, clock.monotonic());
      await clock.sleep(next - clock.monotonic(), signal);
    }
  }

  async #judge(tried: Promise<unknown>, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    await Promise.race([tried, aborted(signal)]);
    while (!signal.aborted) {
      await this.#judgeOnce();
      await clock.sleep(this.#spec.periodMs, signal);
    }
  }

  async #judgeOnce(): Promise<void> {
    const { clock, stands, turned } = this.#parts;
    const { units, table, windowMs, turnsAfter } = this.#spec;
    const now = clock.now();
    const names = units.map(({ name }) => name);
    const found = aggregate(extract(this.#labelled(), names, { at: now, windowMs }), units);
    const before = this.#standing;
    const standing = standAfter(before, verdictOf(found.z, table), { turnsAfter, now });
    this.#standing = standing;
    const states = this.#unitStates(found.marks, now);
    const hasTurned = standing.verdict !== before?.verdict;
    if (hasTurned || this.#why === undefined) this.#why = whyOf(states);
    stands(this.#state(standing, found, states));
    if (!hasTurned) return;
    const { name, uid, generation, origin } = this.#spec;
    await turned({
      ...{ judgement: name, uid, generation, origin },
      ...{ from: before?.verdict, to: standing.verdict, at: now, z: found.z },
      results: found.marks.map(formatResult),
      why: this.#why,
    });
  }

  #state(standing: Standing, { z }: Aggregate, units: readonly UnitState[]): JudgementState {
    const { name, uid, generation, origin } = this.#spec;
    const { verdict, since } = standing;
    const why = this.#why ?? '';
    return { name, uid, generation, origin, verdict, since, z, units, why, flaw: undefined };
  }

  #labelled(): LabelledResult[] {
    return [...this.#findings].map(([unit, { result, at }]) => ({ unit, result, at }));
  }

  #unitStates(marks: readonly Mark[], now: number): UnitState[] {
    return this.#spec.units.map(({ name, weight, required }, index): UnitState => {
      const mark = marks[index] ?? { unit: name, result: '--', at: now, passes: false };
      const before = this.#passing.get(name);
      const since = before?.passes === mark.passes ? before.since : now;
      this.#passing.set(name, { passes: mark.passes, since });
      const finding = this.#findings.get(name);
      return {
        ...mark,
        ...{ mean: finding?.mean, since, weight, required },
        fault: finding?.fault?.message,
      };
    });
  }
}

/** What fails and why, in one sentence for people; empty when nothing does. */
export function whyOf(units: readonly UnitState[]): string {
  return units
    .filter(({ passes }) => !passes)
    .map(clauseOf)
    .join('; ');
}

function clauseOf({ unit, result, mean, required, fault }: UnitState): string {
  const measured = fault ?? (mean === undefined ? 'not measured' : `measured ${rounded(mean)}`);
  return `${unit}${required ? ' (required)' : ''} is ${result}: ${measured}`;
}

/** A number as people read it: four digits that matter. */
export function rounded(value: number): string {
  return String(Number(value.toPrecision(4)));
}
