import type { Change } from '../change.ts';
import { codeOf, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { ObjectKey, Version } from '../names.ts';
import { parseJson } from '../parse-json.ts';

/** An object as hub and agent have it; without `object`, it is gone. */
type Readable = Pick<Change, 'key' | 'version' | 'object'>;

interface Reading<T> {
  readonly version: Version;
  readonly value: T | undefined;
}

/** Up to this, no API server has given the version: what a node has made may change under it. */
const madeAtNode = 1n;

/** What objects say, each read once per version; what cannot be read is logged and left out. */
export class Readings<T> {
  readonly #read: (object: unknown) => T;
  readonly #log: Log;
  #known: ReadonlyMap<ObjectKey, Reading<T>> = new Map();

  constructor(read: (object: unknown) => T, log: Log) {
    this.#read = read;
    this.#log = log;
  }

  of(objects: Iterable<Readable>): T[] {
    const present = new Map<ObjectKey, Reading<T>>();
    for (const each of objects) {
      const { key, version } = each;
      const known = this.#known.get(key);
      const isKnown = known?.version === version && version > madeAtNode;
      present.set(key, isKnown ? known : { version, value: this.#value(each) });
    }
    this.#known = present;
    return [...present.values()].flatMap(({ value }) => value ?? []);
  }

  #value({ key, object }: Readable): T | undefined {
    try {
      return object && this.#read(parseJson(object));
    } catch (error) {
      this.#log.warn({ key, code: codeOf(error), why: messageOf(error) }, 'object not served');
      return undefined;
    }
  }
}
