/** Moments of one counter that are remembered within its window. */
const remembered = 60;

interface Moment {
  readonly at: number;
  /** By series. */
  readonly values: ReadonlyMap<string, number>;
}

/** By how much counters have grown over a span. Counters begin at 0 with the process. */
export class Increases {
  readonly #moments = new Map<string, Moment[]>();
  readonly #startedAt: number;

  /** `startedAt`: when the process began, monotonic milliseconds, as all times here. */
  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  /** What `values`, by series, have grown by within `windowMs`; `of` tells callers apart. */
  over(
    of: string,
    values: ReadonlyMap<string, number>,
    { now, windowMs }: { readonly now: number; readonly windowMs: number },
  ): Map<string, number> {
    const moments: Moment[] = this.#moments.get(of) ?? [{ at: this.#startedAt, values: new Map() }];
    while ((moments[1]?.at ?? Infinity) <= now - windowMs) moments.shift();
    const [first] = moments;
    const grown = [...values].map(
      ([series, value]) => [series, Math.max(0, value - (first?.values.get(series) ?? 0))] as const,
    );
    const newest = moments.at(-1)?.at ?? -Infinity;
    if (now - newest >= windowMs / remembered) moments.push({ at: now, values });
    this.#moments.set(of, moments);
    return new Map(grown);
  }
}
