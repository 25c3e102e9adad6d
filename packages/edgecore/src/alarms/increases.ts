/** Moments of one counter that are remembered within its window. */
const remembered = 60;

/** Values by series. */
type Values = ReadonlyMap<string, number>;

interface Moment {
  readonly at: number;
  readonly values: Values;
}

interface Past {
  /** Oldest first; the first is what growth is counted from. */
  readonly moments: Moment[];
  /** Nobody asks any more when nobody has by then. */
  until: number;
}

interface Span {
  readonly now: number;
  readonly windowMs: number;
}

/** By how much counters have grown over a span. Counters begin at 0 with the process. */
export class Increases {
  readonly #pasts = new Map<string, Past>();
  readonly #startedAt: number;

  /** `startedAt`: when the process began, monotonic milliseconds, as all times here. */
  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  /** Callers of whom a past is remembered. */
  get size(): number {
    return this.#pasts.size;
  }

  /** What `values` have grown by within `windowMs`, or since first asked; `of` tells callers apart. */
  over(of: string, values: Values, { now, windowMs }: Span): Map<string, number> {
    const past = this.#pasts.get(of) ?? this.#begin(values, { now, windowMs });
    const { moments } = past;
    while ((moments[1]?.at ?? Infinity) <= now - windowMs) moments.shift();
    const [first] = moments;
    const grown = [...values].map(
      ([series, value]) => [series, Math.max(0, value - (first?.values.get(series) ?? 0))] as const,
    );
    const newest = moments.at(-1)?.at ?? -Infinity;
    if (now - newest >= windowMs / remembered) moments.push({ at: now, values });
    past.until = now + windowMs;
    this.#forget(now);
    this.#pasts.set(of, past);
    return new Map(grown);
  }

  /** What was before the span began is nobody's growth, though nobody looked. */
  #begin(values: Values, { now, windowMs }: Span): Past {
    const isYoung = this.#startedAt > now - windowMs;
    const first = isYoung ? { at: this.#startedAt, values: new Map() } : { at: now, values };
    return { moments: [first], until: now };
  }

  /** Rules come and go, and their pasts with them. */
  #forget(now: number): void {
    for (const [of, { until }] of this.#pasts) if (until < now) this.#pasts.delete(of);
  }
}
