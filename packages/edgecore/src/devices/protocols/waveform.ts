import type { Random } from '@skerry/shared/clock';

/** What a virtual property does over time. Spans are milliseconds; `phase` is a share of the period. */
export type Generator =
  | {
      readonly kind: 'sine' | 'square' | 'triangle' | 'sawtooth';
      readonly offset: number;
      readonly amplitude: number;
      readonly periodMs: number;
      readonly phase: number;
      readonly decimals: number;
    }
  | {
      readonly kind: 'random-walk';
      readonly start: number;
      readonly step: number;
      readonly min: number;
      readonly max: number;
      readonly decimals: number;
    }
  | { readonly kind: 'constant'; readonly value: string }
  | { readonly kind: 'replay'; readonly rows: readonly Row[]; readonly lengthMs: number };

/** One line of a recording: from then on, this was the value. */
export interface Row {
  readonly atMs: number;
  readonly value: string;
}

/**
 * Pure: the value after `elapsedMs`; `before` is the one that this gave last, undefined at first. A random
 * walk takes one step a call and stays within its bounds; a recording begins again when it has ended.
 */
export function sample(
  generator: Generator,
  elapsedMs: number,
  before: string | undefined,
  random: Random,
): string {
  switch (generator.kind) {
    case 'constant':
      return generator.value;
    case 'replay':
      return replayed(generator, elapsedMs);
    case 'random-walk':
      return walked(generator, before, random);
    case 'sine':
    case 'square':
    case 'triangle':
    case 'sawtooth': {
      const { offset, amplitude, periodMs, phase, decimals } = generator;
      const turn = (elapsedMs / periodMs + phase) % 1;
      return (offset + amplitude * shapes[generator.kind](turn)).toFixed(decimals);
    }
  }
}

/** From a share of the period, in [0, 1), to a height in [-1, 1]. */
const shapes = {
  sine: (turn: number) => Math.sin(2 * Math.PI * turn),
  square: (turn: number) => (turn < 0.5 ? 1 : -1),
  triangle: (turn: number) => (turn < 0.5 ? 4 * turn - 1 : 3 - 4 * turn),
  sawtooth: (turn: number) => 2 * turn - 1,
} as const;

function walked(
  { start, step, min, max, decimals }: Extract<Generator, { kind: 'random-walk' }>,
  before: string | undefined,
  random: Random,
): string {
  const to = before === undefined ? start : Number(before) + step * (2 * random() - 1);
  return Math.min(Math.max(to, min), max).toFixed(decimals);
}

function replayed(
  { rows, lengthMs }: Extract<Generator, { kind: 'replay' }>,
  elapsedMs: number,
): string {
  const at = lengthMs > 0 ? elapsedMs % lengthMs : 0;
  return (rows.findLast(({ atMs }) => atMs <= at) ?? rows[0])?.value ?? '';
}

/**
 * Reads a recording: one line a value, or milliseconds since its beginning and the value, apart by a comma
 * or semicolon. Lines that do not begin with a time where the first does, such as a heading, are passed
 * over. `everyMs` is between two lines without times, and how long the last one lasts.
 */
export function readRecording(csv: string, everyMs: number): { rows: Row[]; lengthMs: number } {
  const lines = csv
    .split(/\r?\n/)
    .map((line) => line.split(/[,;]/).map((cell) => cell.trim()))
    .filter(([first]) => first !== '');
  const timed = lines.filter(([time, value]) => value !== undefined && /^\d+$/.test(time ?? ''));
  const rows =
    timed.length > 0
      ? timed.map(([time, value]) => ({ atMs: Number(time), value: value ?? '' }))
      : lines.map(([value], at) => ({ atMs: at * everyMs, value: value ?? '' }));
  return { rows, lengthMs: (rows.at(-1)?.atMs ?? 0) + everyMs };
}
