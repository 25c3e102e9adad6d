/**
 * What a unit found, as text: a score as three digits (`087`), `01` for yes, `02` for no, `--` for not
 * known.
 */
export type Result = string;

export const results = { yes: '01', no: '02', none: '--' } as const;

/** A result and when it was found. */
export interface LabelledResult {
  readonly unit: string;
  readonly result: Result;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** A score of 0 to 100 as a result. */
export function scoreResult(score: number): Result {
  return String(score).padStart(3, '0');
}

/** The score of a result; undefined for yes, no and not known. */
export function scoreOf(result: Result): number | undefined {
  return /^\d{3}$/.test(result) ? Number(result) : undefined;
}

/** `<unit>#<result>@<epoch ms>`, for example `memory#087@1763674000000`. */
export function formatResult({ unit, result, at }: LabelledResult): string {
  return `${unit}#${result}@${at}`;
}

/** What `formatResult` wrote; undefined for any other text. */
export function parseResult(text: string): LabelledResult | undefined {
  const [, unit, result, at] = /^([^#@]+)#(\d{3}|01|02|--)@(\d{1,16})$/.exec(text) ?? [];
  if (unit === undefined || result === undefined) return undefined;
  return { unit, result, at: Number(at) };
}
