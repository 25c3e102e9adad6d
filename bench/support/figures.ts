import { cpus } from 'node:os';

/** Median with its spread, of repeats of one measurement. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export type Figures = Readonly<Record<string, number | Spread>>;

export interface Result {
  readonly bench: string;
  readonly figures: Figures;
  /** What the same work costs with the parts alone, from the same run. */
  readonly floor: Figures;
  /** Our main figure by the floor's. */
  readonly ratio: number;
}

/** The value below which `share` of the samples lie. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function spread(samples: readonly number[]): Spread {
  return { median: percentile(samples, 0.5), min: Math.min(...samples), max: Math.max(...samples) };
}

/** How fast y grows with x, by the line that fits best. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))];
  const together = points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0);
  return together / points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
}

/** p50 and p99 of each repeat, as spreads over the repeats. */
export function latencies(
  prefix: string,
  repeats: readonly (readonly number[])[],
): Record<string, Spread> {
  return {
    [`${prefix}p50_ms`]: spread(repeats.map((samples) => percentile(samples, 0.5))),
    [`${prefix}p99_ms`]: spread(repeats.map((samples) => percentile(samples, 0.99))),
  };
}

/** One JSON line: medians under the figures' own names, the spreads beside them. */
export function print({ bench, figures, floor, ratio }: Result): void {
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.version}`;
  const line = {
    bench,
    ...flat(figures),
    floor: flat(floor),
    ratio: rounded(ratio),
    machine,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function flat(figures: Figures): Record<string, unknown> {
  const line: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(figures)) {
    if (typeof value === 'number') {
      line[name] = rounded(value);
      continue;
    }
    line[name] = rounded(value.median);
    line[`${name}_spread`] = { min: rounded(value.min), max: rounded(value.max) };
  }
  return line;
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** Says on standard error what is going on; standard output is for the result. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}
