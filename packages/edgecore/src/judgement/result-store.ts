import type { Store, Table, Write } from '@skerry/shared/store';
import type { Verdict } from './verdict.ts';
import type { Result } from './result.ts';

/** What is kept of the past of every unit. */
export interface ResultsPolicy {
  /** The newest so many results of each unit. */
  readonly perUnit: number;
  readonly maxAgeSeconds: number;
}

export const defaultResultsPolicy: ResultsPolicy = { perUnit: 3_600, maxAgeSeconds: 7 * 86_400 };

/** One result of a unit's past. */
export interface PastResult {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly result: Result;
  /** M, where there was one. */
  readonly mean: number | undefined;
}

export interface PastQuery {
  /** Milliseconds since the Unix epoch, both included. */
  readonly since: number;
  readonly until: number;
  /** The newest so many. */
  readonly limit: number;
}

/** A verdict as it stood when the agent ended, and the uid of the object it is of. */
export interface KeptVerdict {
  readonly uid: string;
  readonly verdict: Verdict;
  readonly since: number;
}

interface Series {
  /** On disk. */
  kept: number;
  /** Not yet on disk. */
  fresh: PastResult[];
}

/** Between two looks for what is too old, milliseconds. */
const sweepEveryMs = 60_000;

const textEncoder = new TextEncoder();
const textDecoder = new TextDecoder();

/**
 * The results of units on disk, many in an entry and all units in one commit: what was found since the last
 * `flush` is lost with a crash, a verdict is not. Bounded by count and age, the oldest goes first.
 *
 * A key is `<judgement> <unit> <time of the first>`, a value one line for each result.
 */
export class ResultStore {
  readonly #store: Store;
  readonly #results: Table;
  readonly #verdicts: Table;
  readonly #policy: ResultsPolicy;
  readonly #series = new Map<string, Series>();
  /** When what is old was looked for, milliseconds since the Unix epoch. */
  #swept = 0;

  private constructor(store: Store, policy: ResultsPolicy) {
    this.#store = store;
    this.#results = store.table('judgement-results');
    this.#verdicts = store.table('judgement-verdicts');
    this.#policy = policy;
  }

  static async open(store: Store, policy: ResultsPolicy): Promise<ResultStore> {
    const results = new ResultStore(store, policy);
    for await (const [key, value] of results.#results.entries())
      results.#of(seriesOf(key)).kept += linesIn(value);
    return results;
  }

  /** Results on disk and on their way there. */
  get size(): number {
    return [...this.#series.values()].reduce(
      (sum, { kept, fresh }) => sum + kept + fresh.length,
      0,
    );
  }

  add(judgement: string, unit: string, result: PastResult): void {
    this.#of(`${judgement} ${unit}`).fresh.push(result);
  }

  /** Puts on disk what was added, and takes away what is too much or too old; rejects when the disk refuses. */
  async flush(now: number): Promise<void> {
    const writes: Write[] = [];
    const taken: [Series, PastResult[]][] = [];
    for (const [name, series] of this.#series) {
      const [first] = series.fresh;
      if (!first) continue;
      taken.push([series, series.fresh]);
      writes.push(this.#results.put(`${name} ${digits(first.at)}`, encode(series.fresh)));
      series.kept += series.fresh.length;
      series.fresh = [];
    }
    try {
      await this.#store.commit(writes);
    } catch (error) {
      for (const [series, fresh] of taken) {
        series.kept -= fresh.length;
        series.fresh = [...fresh, ...series.fresh].slice(-this.#policy.perUnit);
      }
      throw error;
    }
    await this.#sweep(now);
  }

  /** The results of a unit, oldest first. */
  async read(judgement: string, unit: string, query: PastQuery): Promise<PastResult[]> {
    const name = `${judgement} ${unit}`;
    const found = [...(this.#series.get(name)?.fresh ?? [])]
      .reverse()
      .filter((one) => fits(one, query));
    const range = { gte: `${name} `, lte: `${name} ${digits(query.until)}`, reverse: true };
    for await (const [, value] of this.#results.entries(range)) {
      const past = decode(value).reverse();
      found.push(...past.filter((one) => fits(one, query)));
      const oldest = past.at(-1)?.at ?? 0;
      if (found.length >= query.limit || oldest < query.since) break;
    }
    return found.slice(0, query.limit).reverse();
  }

  async verdictOf(judgement: string, uid: string): Promise<KeptVerdict | undefined> {
    const entry = await this.#verdicts.get(judgement);
    const kept = entry && (JSON.parse(textDecoder.decode(entry)) as KeptVerdict);
    return kept?.uid === uid ? kept : undefined;
  }

  /** Durable when it resolves. */
  async keepVerdict(judgement: string, kept: KeptVerdict): Promise<void> {
    const value = textEncoder.encode(JSON.stringify(kept));
    await this.#store.commit([this.#verdicts.put(judgement, value)]);
  }

  /** Everything of a judgement that is no more. */
  async forget(judgement: string): Promise<void> {
    const writes = [this.#verdicts.del(judgement)];
    const range = { gte: `${judgement} `, lt: `${judgement}!` };
    for await (const key of this.#results.keys(range)) writes.push(this.#results.del(key));
    for (const name of this.#series.keys())
      if (name.startsWith(`${judgement} `)) this.#series.delete(name);
    await this.#store.commit(writes);
  }

  async #sweep(now: number): Promise<void> {
    const oldest = now - this.#policy.maxAgeSeconds * 1_000;
    const writes: Write[] = [];
    const isDue = Math.abs(now - this.#swept) >= sweepEveryMs;
    if (isDue) this.#swept = now;
    for (const [name, series] of this.#series) {
      if (!isDue && series.kept <= this.#policy.perUnit) continue;
      for await (const [key, value] of this.#results.entries({ gte: `${name} `, lt: `${name}!` })) {
        const isOld = Number(key.slice(key.lastIndexOf(' ') + 1)) < oldest;
        if (!isOld && series.kept <= this.#policy.perUnit) break;
        writes.push(this.#results.del(key));
        series.kept -= linesIn(value);
      }
    }
    if (writes.length > 0) await this.#store.commit(writes);
  }

  #of(name: string): Series {
    const known = this.#series.get(name);
    if (known) return known;
    const series: Series = { kept: 0, fresh: [] };
    this.#series.set(name, series);
    return series;
  }
}

function fits({ at }: PastResult, { since, until }: PastQuery): boolean {
  return at >= since && at <= until;
}

function encode(past: readonly PastResult[]): Uint8Array {
  const lines = past.map(({ at, result, mean }) => `${at} ${result} ${mean ?? ''}`);
  return textEncoder.encode(lines.join('\n'));
}

function decode(value: Uint8Array): PastResult[] {
  return textDecoder
    .decode(value)
    .split('\n')
    .map((line) => {
      const [at, result = '', mean = ''] = line.split(' ');
      return { at: Number(at), result, mean: mean === '' ? undefined : Number(mean) };
    });
}

function linesIn(value: Uint8Array): number {
  return value.reduce((sum, byte) => (byte === 10 ? sum + 1 : sum), 1);
}

function seriesOf(key: string): string {
  return key.slice(0, key.lastIndexOf(' '));
}

function digits(at: number): string {
  return String(Math.max(0, Math.floor(at))).padStart(16, '0');
}
