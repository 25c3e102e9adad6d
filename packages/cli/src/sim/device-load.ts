import { readGenerator } from '@skerry/edgecore/devices/protocols/virtual-visitor';
import { sample, type Generator } from '@skerry/edgecore/devices/protocols/waveform';
import type { JsonObject } from '@skerry/apiserver/json';
import type { Random } from '@skerry/shared/clock';

/** How values change: a generator of the protocol `virtual`. */
export type Load = 'random-walk' | 'sine' | 'square' | 'triangle' | 'sawtooth' | 'constant';

/** `visitors.configData` of each. */
export const loads: Readonly<Record<Load, JsonObject>> = {
  'random-walk': { generator: 'random-walk', start: 20, step: 0.5, min: -40, max: 125 },
  sine: { generator: 'sine', offset: 20, amplitude: 5, decimals: 4 },
  square: { generator: 'square', offset: 20, amplitude: 5 },
  triangle: { generator: 'triangle', offset: 20, amplitude: 5, decimals: 4 },
  sawtooth: { generator: 'sawtooth', offset: 20, amplitude: 5, decimals: 4 },
  constant: { generator: 'constant', value: '20' },
};

/** What many devices of one kind have in common. */
export function generatorOf(load: Load): Generator {
  return readGenerator(loads[load], 0, []);
}

/** What one simulated device says, one value after another. */
export class DeviceValues {
  readonly #generator: Generator;
  readonly #random: Random;
  /** A part of the generator's course that has gone by before the first value, milliseconds. */
  readonly #aheadMs: number;
  #last: string | undefined;

  constructor(generator: Generator, random: Random) {
    this.#generator = generator;
    this.#random = random;
    this.#aheadMs = random() * 3_600_000;
  }

  /** The value after `elapsedMs`. */
  next(elapsedMs: number): string {
    this.#last = sample(this.#generator, this.#aheadMs + elapsedMs, this.#last, this.#random);
    return this.#last;
  }
}
