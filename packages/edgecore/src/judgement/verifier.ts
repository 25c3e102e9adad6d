import { aggregate } from './aggregate.ts';
import { extract } from './extract.ts';
import type { UnitState } from './judgement-board.ts';
import type { JudgementSpec } from './judgement-spec.ts';
import { formatResult } from './result.ts';
import type { SourceParts } from './sources/source.ts';
import { Unit, type Finding } from './unit.ts';
import { verdictOf, type Verdict } from './verdict.ts';
import { whyOf } from './judge.ts';

/** What one verification came to. */
export interface Verification {
  readonly judgement: string;
  readonly verdict: Verdict;
  readonly z: number;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Of every unit, as `formatResult` writes them. */
  readonly results: readonly string[];
  readonly units: readonly UnitState[];
  /** What fails and why; empty when nothing does. */
  readonly why: string;
  /** The newest lines that count, of every unit that reads a log. */
  readonly logs: readonly { readonly unit: string; readonly lines: readonly string[] }[];
}

/** What found nothing is asked once more after so long, milliseconds: much is only about to begin. */
const SECOND_TRY_MS = 1_000;

/**
 * Measures every unit of a judgement once, anew and at the same time, asks its logs for what speaks against
 * it, and says what that comes to. Nothing of it outlasts the call.
 */
export async function verify(
  spec: JudgementSpec,
  parts: SourceParts,
  signal: AbortSignal,
): Promise<Verification> {
  const units = spec.units.map((unit) => new Unit(unit, parts));
  const findings = new Map(
    await Promise.all(
      units.map(async (unit) => [unit.spec.name, await findingOf(unit, parts, signal)] as const),
    ),
  );
  const at = parts.clock.now();
  const labelled = [...findings].map(([unit, { result }]) => ({ unit, result, at }));
  const names = spec.units.map(({ name }) => name);
  const { z, marks } = aggregate(extract(labelled, names, { at, windowMs: 1 }), spec.units);
  const states = spec.units.map(({ weight, required }, index): UnitState => {
    const mark = marks[index] ?? { unit: '', result: '--', at, passes: false };
    const finding = findings.get(mark.unit);
    const fault = finding?.fault?.message;
    return { ...mark, mean: finding?.mean, since: at, weight, required, fault };
  });
  return {
    judgement: spec.name,
    verdict: verdictOf(z, spec.table),
    ...{ z, at, results: marks.map(formatResult), units: states, why: whyOf(states) },
    logs: await evidenceOf(units, signal),
  };
}

async function findingOf(
  unit: Unit,
  { clock }: SourceParts,
  signal: AbortSignal,
): Promise<Finding> {
  const first = await unit.attempt(signal);
  if (first.fault?.reason !== 'error') return first;
  await clock.sleep(SECOND_TRY_MS, signal);
  return unit.attempt(signal);
}

async function evidenceOf(
  units: readonly Unit[],
  signal: AbortSignal,
): Promise<Verification['logs']> {
  const logs = units.filter(({ spec }) => spec.source.type === 'log');
  return Promise.all(
    logs.map(async (unit) => ({ unit: unit.spec.name, lines: await unit.evidence(signal) })),
  );
}
