import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { ObjectKey, Version } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import type { Observed } from '../route/observed.ts';

interface Reading<T> {
  readonly version: Version;
  readonly value: T | undefined;
}

/** What objects say, each read once per version; what cannot be read is logged and left out. */
export class Readings<T> {
  readonly #read: (object: unknown) => T;
  readonly #log: Log;
  #known: ReadonlyMap<ObjectKey, Reading<T>> = new Map();

  constructor(read: (object: unknown) => T, log: Log) {
    this.#read = read;
    this.#log = log;
  }

  of(observed: Iterable<Observed>): T[] {
    const present = new Map<ObjectKey, Reading<T>>();
    for (const each of observed) {
      const known = this.#known.get(each.key);
      const isKnown = known?.version === each.version;
      present.set(each.key, isKnown ? known : { version: each.version, value: this.#value(each) });
    }
    this.#known = present;
    return [...present.values()].flatMap(({ value }) => value ?? []);
  }

  #value({ key, object }: Observed): T | undefined {
    try {
      return object && this.#read(parseJson(object));
    } catch (error) {
      this.#log.warn({ key, code: codeOf(error), why: messageOf(error) }, 'object not served');
      return undefined;
    }
  }
}
