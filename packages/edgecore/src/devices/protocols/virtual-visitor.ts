import type { Json, JsonObject } from '@skerry/apiserver/json';
import type { MappedProperty } from '../mapper.ts';
import { fromJson } from '../property-value.ts';
import { readRecording, type Generator } from './waveform.ts';

/** How often a virtual property is read unless it has a `collectCycle`, milliseconds. */
export const defaultCollectMs = 1_000;
/** No virtual property is read more often. */
const shortestCollectMs = 10;

/** `visitors.configData` of a virtual property, checked (docs/DEVICES.md). */
export interface VirtualVisitor {
  readonly property: MappedProperty;
  readonly everyMs: number;
  readonly generator: Generator;
}

const kinds = [
  ...(['sine', 'square', 'triangle', 'sawtooth'] as const),
  ...(['random-walk', 'constant', 'replay'] as const),
] as const;

const wave = { offset: 0, amplitude: 1, periodMs: 60_000, phase: 0, decimals: 2 };

/** The numbers of each kind with their defaults, and its text. */
const numbers: Readonly<Record<Generator['kind'], Readonly<Record<string, number>>>> = {
  sine: wave,
  square: wave,
  triangle: wave,
  sawtooth: wave,
  'random-walk': { start: 0, step: 1, min: -Infinity, max: Infinity, decimals: 2 },
  constant: {},
  replay: {},
};
const texts: Readonly<Partial<Record<Generator['kind'], string>>> = {
  constant: 'value',
  replay: 'csv',
};

/** Reads a property's `configData`; what is wrong with it goes into `problems`, in words. */
export function readVirtual(property: MappedProperty, problems: string[]): VirtualVisitor {
  const { name, visitor, collectCycleMs = 0 } = property;
  const said: string[] = [];
  const everyMs = Math.max(collectCycleMs || defaultCollectMs, shortestCollectMs);
  const generator = readGenerator(visitor, everyMs, said);
  problems.push(...said.map((problem) => `property ${name}: ${problem}`));
  return { property, everyMs, generator };
}

/**
 * Reads the generator that `configData` describes; what is wrong with it goes into `problems`, in words.
 * `everyMs` is between two lines of a recording without times.
 */
export function readGenerator(config: JsonObject, everyMs: number, problems: string[]): Generator {
  const asked = fromJson(config['generator']) ?? 'constant';
  const kind = kinds.find((known) => known === asked);
  if (!kind) {
    problems.push(`generator is ${asked}, not one of ${kinds.join(', ')}`);
    return { kind: 'constant', value: '0' };
  }
  const fields = ['generator', ...Object.keys(numbers[kind]), texts[kind]];
  for (const field of Object.keys(config))
    if (!fields.includes(field)) problems.push(`configData has no field ${field} for ${kind}`);
  if (kind === 'constant') return { kind, value: fromJson(config['value']) ?? '0' };
  if (kind === 'replay') {
    const recording = readRecording(fromJson(config['csv']) ?? '', everyMs);
    if (recording.rows.length === 0) problems.push('csv holds no values');
    return { kind, ...recording };
  }
  return { kind, ...readNumbers(config, numbers[kind], problems) } as Generator;
}

function readNumbers(
  config: JsonObject,
  defaults: Readonly<Record<string, number>>,
  problems: string[],
): Record<string, number> {
  const read = Object.entries(defaults).map(([field, fallback]) => {
    const value = numberOf(config[field]) ?? fallback;
    if (Number.isNaN(value)) problems.push(`${field} is not a number`);
    if (field === 'periodMs' && value <= 0) problems.push('periodMs is not above 0');
    if (field === 'decimals' && !(Number.isInteger(value) && value >= 0 && value <= 20))
      problems.push('decimals is not a whole number from 0 to 20');
    return [field, value] as const;
  });
  return Object.fromEntries(read);
}

function numberOf(json: Json | undefined): number | undefined {
  const text = fromJson(json);
  if (text === undefined) return undefined;
  return text.trim() === '' ? NaN : Number(text);
}
