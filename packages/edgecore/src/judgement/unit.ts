import type { Clock } from '@skerry/shared/clock';
import { codeOf, isAbort, messageOf } from '@skerry/shared/errors';
import type { UnitSpec } from './judgement-spec.ts';
import { meanOf, weigh, type Sample } from './weigh.ts';
import type { Result } from './result.ts';
import { sources } from './sources/sources.ts';
import type { OpenSource, Source, SourceParts } from './sources/source.ts';
import { within } from '@skerry/shared/within';

/** What one attempt of a unit came to. */
export interface Finding {
  readonly result: Result;
  /** When the attempt began, milliseconds since the Unix epoch. */
  readonly at: number;
  /** M of the newest samples. */
  readonly mean: number | undefined;
  /** Why there was no sample. */
  readonly fault: Fault | undefined;
}

/** Why an attempt came to nothing. */
export interface Fault {
  readonly reason: 'error' | 'timeout' | 'range';
  readonly message: string;
}

/** For a source to say what it knows once its time is over, milliseconds. */
const GRACE_MS = 200;

/** One unit: measures, remembers its newest samples, and says what they come to. */
export class Unit {
  readonly spec: UnitSpec;
  readonly #clock: Clock;
  readonly #source: Source | Fault;
  #samples: Sample[] = [];
  /** A sample that has not come, and does not heed that nobody waits for it any more. */
  #hanging: Promise<unknown> | undefined;

  /** A source that cannot be opened is a fault of this unit alone. */
  constructor(spec: UnitSpec, parts: SourceParts, open: OpenSource = sources[spec.source.type]) {
    this.spec = spec;
    this.#clock = parts.clock;
    this.#source = opened(spec, parts, open);
  }

  /** One attempt, which takes as long as the unit may. Rejects only when `signal` aborts. */
  async attempt(signal: AbortSignal): Promise<Finding> {
    const at = this.#clock.now();
    const measured = await this.#measure(signal);
    const value = typeof measured === 'number' ? measured : undefined;
    this.#samples = [...this.#samples, { at, value }].slice(-this.spec.samples);
    return {
      result: weigh(this.#samples, this.spec),
      at,
      mean: meanOf(this.#samples, this.spec.samples),
      fault: typeof measured === 'number' ? undefined : measured,
    };
  }

  /** Lines that show why, where the source has any; never fails. */
  async evidence(signal: AbortSignal): Promise<readonly string[]> {
    if (!isSource(this.#source) || !this.#source.evidence) return [];
    return this.#source.evidence(signal).catch(() => []);
  }

  async #measure(signal: AbortSignal): Promise<number | Fault> {
    if (!isSource(this.#source)) return this.#source;
    try {
      return this.#checked(await this.#inTime(this.#source, signal));
    } catch (error) {
      if (isAbort(error, signal)) throw error;
      return { reason: 'error', message: `${messageOf(error)} (${codeOf(error)})` };
    }
  }

  /** Undefined when it takes too long. What hangs is not begun again. */
  async #inTime(source: Source, signal: AbortSignal): Promise<number | undefined> {
    if (this.#hanging) return undefined;
    const late = new AbortController();
    const sampled = source.sample(AbortSignal.any([signal, late.signal]));
    if (typeof sampled === 'number') return sampled;
    const waiting = { clock: this.#clock, signal };
    const value = await within(this.spec.timeoutMs, sampled, waiting);
    if (value !== undefined) return value;
    late.abort(new DOMException('the time of the unit is over', 'AbortError'));
    const settled = sampled.catch(() => undefined);
    this.#hanging = settled.then(() => (this.#hanging = undefined));
    return within(GRACE_MS, settled, waiting); // what was not reached in time says so now
  }

  #checked(value: number | undefined): number | Fault {
    const { timeoutMs, range } = this.spec;
    if (value === undefined)
      return { reason: 'timeout', message: `no answer within ${timeoutMs / 1_000} s` };
    if (value >= range.min && value <= range.max && Number.isFinite(value)) return value;
    return { reason: 'range', message: `${value} is out of range` };
  }
}

function isSource(source: Source | Fault): source is Source {
  return 'sample' in source;
}

function opened({ source }: UnitSpec, parts: SourceParts, open: OpenSource): Source | Fault {
  try {
    const opened = open(source.settings, parts);
    if (source.isStrict) source.settings.refuseUnknown();
    return opened;
  } catch (error) {
    return { reason: 'error', message: messageOf(error) };
  }
}
