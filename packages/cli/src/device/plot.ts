import type { PastReading } from '@skerry/edgecore/devices/history';

/** Characters of a plot, without what stands beside it. */
export interface PlotSize {
  readonly width: number;
  readonly height: number;
}

const bars = ' ▁▂▃▄▅▆▇█';

/**
 * Numbers over time as bars, in lines of text: what a property was at each moment is what it last said.
 * Undefined when there are no numbers.
 */
export function plot(
  readings: readonly PastReading[],
  { width, height }: PlotSize,
): string | undefined {
  const points = readings
    .map(({ value, timestamp }) => ({ at: timestamp, height: Number(value) }))
    .filter((point) => Number.isFinite(point.height));
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return undefined;
  const low = points.reduce((least, point) => Math.min(least, point.height), Infinity);
  const high = points.reduce((most, point) => Math.max(most, point.height), -Infinity);
  const columns = columnsOf(points, width).map((value) => (value - low) / (high - low || 1));
  const margin = Math.max(label(low).length, label(high).length);
  const lines = Array.from({ length: height }, (_, row) => {
    const side = row === 0 ? label(high) : row === height - 1 ? label(low) : '';
    const cells = columns.map((share) => bars[eighths(share, height - 1 - row, height)] ?? ' ');
    return `${side.padStart(margin)} ┤${cells.join('')}`;
  });
  const [from, to] = [first.at, last.at].map((at) => new Date(at).toISOString().slice(0, 19));
  return [...lines, `${' '.repeat(margin)}  ${from}Z … ${to}Z`].join('\n');
}

interface Point {
  readonly at: number;
  readonly height: number;
}

/** One value for each column: the last one said before its end. */
function columnsOf(points: readonly Point[], width: number): number[] {
  const from = points[0]?.at ?? 0;
  const span = (points.at(-1)?.at ?? from) - from || 1;
  let next = 0;
  return Array.from({ length: width }, (_, column) => {
    const end = from + (span * (column + 1)) / width;
    while ((points[next + 1]?.at ?? Infinity) <= end) next += 1;
    return points[next]?.height ?? 0;
  });
}

/** How much of one cell of a bar is filled; the lowest line of all is never empty. */
function eighths(share: number, rowFromBelow: number, height: number): number {
  const filled = 1 + Math.round(share * (height * 8 - 1));
  return Math.min(Math.max(filled - rowFromBelow * 8, 0), 8);
}

function label(value: number): string {
  return String(Math.round(value * 1_000) / 1_000);
}
