import type { AlertRule } from '@skerry/shared/alarms/alert-rule';
import { readRule, readSilence } from '@skerry/shared/alarms/read-rule';
import { Readings } from '@skerry/shared/alarms/readings';
import type { Silence } from '@skerry/shared/alarms/silence';
import type { Log } from '@skerry/shared/log';
import { resourceName } from '@skerry/shared/names';
import type { ObjectReader } from '../meta/object-reader.ts';

const rulesResource = resourceName('alertrules', 'edge.skerry.io');
const silencesResource = resourceName('silences', 'edge.skerry.io');

/** The AlertRules and Silences that this node holds. */
export class RuleBook {
  readonly #objects: ObjectReader;
  readonly #rules: Readings<AlertRule>;
  readonly #silences: Readings<Silence>;

  constructor(objects: ObjectReader, log: Log) {
    this.#objects = objects;
    this.#rules = new Readings(readRule, log);
    this.#silences = new Readings(readSilence, log);
  }

  /** By name; those that ship give way to objects of their names. */
  async rules(shipped: readonly AlertRule[]): Promise<ReadonlyMap<string, AlertRule>> {
    const held = this.#rules.of(await this.#objects.list(rulesResource));
    return new Map([...shipped, ...held].map((rule) => [rule.name, rule]));
  }

  async silences(): Promise<readonly Silence[]> {
    return this.#silences.of(await this.#objects.list(silencesResource));
  }
}
