/** What a judgement can come to, best first. */
export const verdicts = ['Ready', 'Degraded', 'Blocked'] as const;
export type Verdict = (typeof verdicts)[number];

/** One row of the table: the verdict of every Z from `atLeast` up to the row above. */
export interface VerdictRow {
  readonly atLeast: number;
  readonly verdict: Verdict;
}

export const defaultTable: readonly VerdictRow[] = [
  { atLeast: 0.8, verdict: 'Ready' },
  { atLeast: 0.5, verdict: 'Degraded' },
  { atLeast: 0, verdict: 'Blocked' },
];

/** Pure: the row with the highest bound that Z reaches, in whatever order they stand; else `Blocked`. */
export function verdictOf(z: number, table: readonly VerdictRow[]): Verdict {
  const reached = table.filter(({ atLeast }) => z >= atLeast);
  return reached.toSorted((a, b) => b.atLeast - a.atLeast)[0]?.verdict ?? 'Blocked';
}

/** A verdict, and what speaks against it. */
export interface Standing {
  readonly verdict: Verdict;
  /** Since when it stands, milliseconds since the Unix epoch. */
  readonly since: number;
  /** The judgements in a row that were all worse, or all better. */
  readonly against?: Against | undefined;
}

export interface Against {
  readonly count: number;
  /** The mildest of them: what all of them agree on at least. */
  readonly mildest: Verdict;
}

/**
 * Pure: what stands after one more judgement. A verdict turns only after `turnsAfter` judgements in a row
 * that were all worse than it, or all better, and then to the mildest of them: what wavers between
 * Degraded and Blocked is not Ready meanwhile, and one good sighting makes nothing Ready.
 */
export function standAfter(
  held: Standing | undefined,
  seen: Verdict,
  { turnsAfter, now }: { readonly turnsAfter: number; readonly now: number },
): Standing {
  if (!held) return { verdict: seen, since: now };
  if (seen === held.verdict) return { verdict: held.verdict, since: held.since };
  const rank = (verdict: Verdict): number => verdicts.indexOf(verdict);
  const away = (verdict: Verdict): number => rank(verdict) - rank(held.verdict);
  const before = held.against;
  const goesOn = before !== undefined && Math.sign(away(before.mildest)) === Math.sign(away(seen));
  const count = goesOn ? before.count + 1 : 1;
  const isMilder = !goesOn || Math.abs(away(seen)) < Math.abs(away(before.mildest));
  const mildest = isMilder ? seen : before.mildest;
  if (count >= turnsAfter) return { verdict: mildest, since: now };
  return { verdict: held.verdict, since: held.since, against: { count, mildest } };
}
