import { readRule, readSilence } from '@skerry/shared/alarms/read-rule';
import type { AlertRule } from '@skerry/shared/alarms/alert-rule';
import type { Silence } from '@skerry/shared/alarms/silence';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import {
  resourceName,
  type ObjectKey,
  type ResourceName,
  type Version,
} from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import type { ObjectReader } from '../meta/object-reader.ts';

const rulesResource = resourceName('alertrules', 'edge.skerry.io');
const silencesResource = resourceName('silences', 'edge.skerry.io');

/** Up to this, no API server has given the version: what is made here may change under it. */
const madeHere = 1n;

interface Read<T> {
  readonly version: Version;
  /** Undefined: it cannot be served. */
  readonly value: T | undefined;
}

/** The AlertRules and Silences that this node holds, each read once per version of the cluster. */
export class RuleBook {
  readonly #objects: ObjectReader;
  readonly #log: Log;
  readonly #rules = new Map<ObjectKey, Read<AlertRule>>();
  readonly #silences = new Map<ObjectKey, Read<Silence>>();

  constructor(objects: ObjectReader, log: Log) {
    this.#objects = objects;
    this.#log = log;
  }

  /** By name; those that ship give way to objects of their names. */
  async rules(shipped: readonly AlertRule[]): Promise<ReadonlyMap<string, AlertRule>> {
    const held = await this.#readAll(rulesResource, this.#rules, readRule);
    return new Map([...shipped, ...held].map((rule) => [rule.name, rule]));
  }

  silences(): Promise<readonly Silence[]> {
    return this.#readAll(silencesResource, this.#silences, readSilence);
  }

  async #readAll<T>(
    resource: ResourceName,
    known: Map<ObjectKey, Read<T>>,
    read: (object: unknown) => T,
  ): Promise<T[]> {
    const held = await this.#objects.list(resource);
    const present = new Set(held.map(({ key }) => key));
    for (const key of known.keys()) if (!present.has(key)) known.delete(key);
    for (const { key, version, object } of held)
      if (known.get(key)?.version !== version || version <= madeHere)
        known.set(key, { version, value: this.#read(key, object, read) });
    return [...known.values()].flatMap(({ value }) => value ?? []);
  }

  #read<T>(key: ObjectKey, object: Uint8Array, read: (object: unknown) => T): T | undefined {
    try {
      return read(parseJson(object));
    } catch (error) {
      this.#log.warn(
        { key, code: codeOf(error), why: messageOf(error) },
        'alarm object not served',
      );
      return undefined;
    }
  }
}
