import { readRule, readSilence } from '@skerry/shared/alarms/read-rule';
import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { keyParts, type ObjectKey } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import { aborted } from '@skerry/shared/supervise';
import { count, field } from '../kube/json-read.ts';
import { NotFound } from '../kube/kube-errors.ts';
import { alertRules, alerts, silences, type ResourceType } from '../kube/resource.ts';
import type { Observed } from '../route/observed.ts';
import type { Placement } from '../route/placement.ts';
import type { KubeObject } from '../upstream/current-objects.ts';
import { mergeDiff, type Fields } from '../upstream/merge-diff.ts';
import type { StatusWriter } from '../upstream/status-writer.ts';
import {
  countedAlert,
  ruleStatus,
  silenceStatus,
  type CountedAlert,
  type Read,
} from './alarm-status.ts';

/** Time between two looks at all rules and silences, milliseconds. */
export const alarmStatusPeriodMs = 2_000;
/** How often one status is written at most, milliseconds: each goes to every node that holds the object. */
export const alarmStatusEveryMs = 10_000;

export interface AlarmStatusParts {
  readonly placement: Pick<Placement, 'all' | 'find' | 'whenSynced'>;
  readonly statuses: Pick<StatusWriter, 'write'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Says of every AlertRule and Silence whether it can be served and what it comes to now, by the Alerts of the
 * cluster. Hubs alone write it, one at a time: nodes tell what they find by their Alerts.
 */
export async function runAlarmStatuses(
  parts: AlarmStatusParts,
  signal: AbortSignal,
): Promise<void> {
  const { placement, clock, log } = parts;
  await Promise.race([placement.whenSynced, aborted(signal)]);
  const statuses = new AlarmStatuses(parts);
  let said = '';
  for (;;) {
    const failed = await statuses.turn(signal).then(
      () => '',
      (error: unknown) => {
        signal.throwIfAborted();
        return `${codeOf(error)}: ${messageOf(error)}`;
      },
    );
    if (failed !== '' && failed !== said) log.warn({ why: failed }, 'statuses not written');
    said = failed;
    await clock.sleep(alarmStatusPeriodMs, signal);
  }
}

/** The whole status of an object, as it is to be. */
type Decide = (object: KubeObject) => Fields;

class AlarmStatuses {
  readonly #parts: AlarmStatusParts;
  /** Each state of an object is read once. */
  readonly #read = new WeakMap<Observed, unknown>();
  readonly #writtenAt = new Map<ObjectKey, number>();

  constructor(parts: AlarmStatusParts) {
    this.#parts = parts;
  }

  /** Throws KubeError. */
  async turn(signal: AbortSignal): Promise<void> {
    const { placement, clock } = this.#parts;
    const now = clock.now();
    const firing = [...placement.all(alerts.name)].flatMap(
      (observed) => this.#once(observed, countedAlert) ?? [],
    );
    const byRule = Map.groupBy(firing, ({ rule }) => rule);
    const bySilence = Map.groupBy(firing, ({ silencedBy }) => silencedBy);
    await this.#each(alertRules, signal, (name, observed) => {
      const read = this.#once(observed, (object) => attempt(() => readRule(object)));
      const found: readonly CountedAlert[] = byRule.get(name) ?? [];
      return (object) => ruleStatus(object, read, { firing: found, now });
    });
    await this.#each(silences, signal, (name, observed) => {
      const read = this.#once(observed, (object) => attempt(() => readSilence(object)));
      const covered: readonly CountedAlert[] = bySilence.get(name) ?? [];
      return (object) => silenceStatus(object, read, { covered, now });
    });
    for (const key of this.#writtenAt.keys()) if (!placement.find(key)) this.#writtenAt.delete(key);
  }

  async #each(
    type: ResourceType,
    signal: AbortSignal,
    decideFor: (name: string, observed: Observed) => Decide,
  ): Promise<void> {
    for (const observed of [...this.#parts.placement.all(type.name)]) {
      const { name } = keyParts(observed.key);
      await this.#write(type, observed.key, decideFor(name, observed), signal);
    }
  }

  /** One that has gone meanwhile needs no status. */
  async #write(
    type: ResourceType,
    key: ObjectKey,
    decide: Decide,
    signal: AbortSignal,
  ): Promise<void> {
    const { statuses, clock } = this.#parts;
    const now = clock.monotonic();
    const isQuiet = now - (this.#writtenAt.get(key) ?? -Infinity) >= alarmStatusEveryMs;
    const when = (object: KubeObject): { do: 'write'; status: Fields } => {
      const status = decide(object);
      const isDue = isQuiet || isNews(object);
      if (isDue && mergeDiff(object.status ?? {}, status)) this.#writtenAt.set(key, now);
      return { do: 'write', status: isDue ? status : (object.status ?? {}) };
    };
    try {
      await statuses.write({ type, key }, when, signal);
    } catch (error) {
      this.#writtenAt.delete(key);
      if (!(error instanceof NotFound)) throw error;
    }
  }

  #once<T>(observed: Observed, read: (object: unknown) => T): T {
    if (!this.#read.has(observed))
      this.#read.set(observed, read(observed.object && parseJson(observed.object)));
    return this.#read.get(observed) as T;
  }
}

/** Whether what the object says has changed since its status was written. */
function isNews({ metadata, status }: KubeObject): boolean {
  return count(field(metadata, 'generation')) !== count(field(status, 'observedGeneration'));
}

function attempt<T>(read: () => T): Read<T> {
  try {
    return { value: read() };
  } catch (error) {
    return { flaw: messageOf(error) };
  }
}
