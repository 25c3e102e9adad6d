import type { Alert } from '@skerry/shared/alarms/alert';
import type { AlertRule } from '@skerry/shared/alarms/alert-rule';
import { notificationOf } from '@skerry/shared/alarms/notification';
import { groupsOf, type Group } from '@skerry/shared/alarms/telling';
import { fullJitter } from '@skerry/shared/backoff';
import type { Clock, Random } from '@skerry/shared/clock';
import { EdgeError, codeOf, isAbort, messageOf } from '@skerry/shared/errors';
import type { Post } from '@skerry/shared/http-post';
import type { Log } from '@skerry/shared/log';

/** What every receiver of an alert was told of its firing at `startsAt`; the Alert object keeps it. */
export interface Noted {
  readonly state: 'nothing' | 'firing' | 'resolved';
  /** Milliseconds since the epoch. */
  readonly startsAt: number;
}

type Saying = 'firing' | 'resolved';

/** An alert, by its fingerprint, and what its receivers were told. */
export interface NotedAlert {
  readonly key: string;
  readonly alert: Alert;
  readonly noted: Noted | undefined;
}

export interface NotifierParts {
  readonly post: (post: Post, signal: AbortSignal) => Promise<void>;
  /** For rules that name no receiver; absent: nobody. */
  readonly webhook?: string | undefined;
  /** Resolves when the Alert object says so. */
  readonly keep: (key: string, alert: Alert, noted: Noted, signal: AbortSignal) => Promise<void>;
  readonly counted: (outcome: 'pushed' | 'refused' | 'failed') => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const again = { firstMs: 500, maxMs: 30_000 };
const timeoutMs = 10_000;

/**
 * Pure: what receivers are to be told next. Both that it fired and that it resolved, also where it was over
 * before anybody could be reached; nothing of what nobody was ever to be told.
 */
export function owed({ alert, noted }: NotedAlert): Saying | undefined {
  const { startsAt = 0, phase } = alert;
  const isOfThis = noted && secondOf(noted.startsAt) === secondOf(startsAt); // as objects tell times
  if (!isOfThis || noted.state === 'resolved') return undefined;
  if (noted.state === 'nothing') return 'firing';
  return phase === 'resolved' ? 'resolved' : undefined;
}

function secondOf(ms: number): number {
  return Math.floor(ms / 1_000);
}

/**
 * Tells receivers of what the hub has found, each group of alerts at once, again and again until it is
 * taken or refused for good. The Alert objects say what was told, so that nothing is forgotten with a hub;
 * where one ends between the two, the next tells the same again. Of several hubs one tells at a time.
 */
export class Notifier {
  readonly #parts: NotifierParts;
  readonly #underWay = new Set<string>();
  readonly #tasks = new Set<Promise<void>>();

  constructor(parts: NotifierParts) {
    this.#parts = parts;
  }

  /** Whether anybody is to be told of what this rule finds. */
  hasReceivers(rule: AlertRule | undefined): boolean {
    return this.#webhooks(rule).length > 0;
  }

  /** Begins to tell what is owed, and waits for nobody. */
  turn(
    alerts: readonly NotedAlert[],
    rules: ReadonlyMap<string, AlertRule>,
    signal: AbortSignal,
  ): void {
    const due = alerts.filter((one) => !this.#underWay.has(one.key) && owed(one) !== undefined);
    for (const [saying, same] of Map.groupBy(due, owed)) {
      const byAlert = new Map(same.map((one) => [one.alert, one]));
      for (const group of groupsOf([...byAlert.keys()], rules)) {
        const of = group.alerts.flatMap((alert) => byAlert.get(alert) ?? []);
        if (saying) this.#begin({ of, saying, group }, rules, signal);
      }
    }
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#tasks);
  }

  #begin(told: Telling, rules: ReadonlyMap<string, AlertRule>, signal: AbortSignal): void {
    for (const { key } of told.of) this.#underWay.add(key);
    const rule = rules.get(told.of[0]?.alert.rule ?? '');
    const task = this.#tell(told, this.#webhooks(rule), signal).catch((error: unknown) => {
      if (isAbort(error, signal)) return;
      this.#parts.log.warn({ code: codeOf(error), why: messageOf(error) }, 'alerts not told');
    });
    this.#tasks.add(task);
    void task.finally(() => {
      this.#tasks.delete(task);
      for (const { key } of told.of) this.#underWay.delete(key);
    });
  }

  async #tell(
    { of, saying, group }: Telling,
    webhooks: readonly Webhook[],
    signal: AbortSignal,
  ): Promise<void> {
    const alerts = of.map(({ alert }) => asOf(alert, saying));
    const body = JSON.stringify(notificationOf({ ...group, alerts }));
    await Promise.all(webhooks.map((webhook) => this.#push({ ...webhook, body }, signal)));
    for (const { key, alert } of of)
      await this.#parts.keep(key, alert, { state: saying, startsAt: alert.startsAt ?? 0 }, signal);
  }

  /** Until it is taken, or refused for good. */
  async #push(post: Post, signal: AbortSignal): Promise<void> {
    const { clock, random, log, counted } = this.#parts;
    const delays = fullJitter(again, random);
    for (;;) {
      try {
        await this.#parts.post(post, signal);
        counted('pushed');
        return;
      } catch (error) {
        signal.throwIfAborted();
        log.warn({ code: codeOf(error), why: messageOf(error) }, 'alert not taken');
        const isRefused = error instanceof EdgeError && error.disposition === 'reject';
        counted(isRefused ? 'refused' : 'failed');
        if (isRefused) return;
        await clock.sleep(delays.next().value, signal);
      }
    }
  }

  /** Brokers are of nodes: what a rule says of MQTT is for them. */
  #webhooks(rule: AlertRule | undefined): readonly Webhook[] {
    const own = rule?.receivers ?? [];
    const { webhook } = this.#parts;
    if (own.length === 0) return webhook === undefined ? [] : [{ url: webhook, timeoutMs }];
    return own.flatMap((one) =>
      one.type === 'webhook' ? [{ url: one.url, timeoutMs: one.timeoutSeconds * 1_000 }] : [],
    );
  }
}

type Webhook = Omit<Post, 'body'>;

interface Telling {
  readonly of: readonly NotedAlert[];
  readonly saying: Saying;
  readonly group: Group;
}

/** As it was when it fired, or as it is now that it has resolved. */
function asOf(alert: Alert, saying: Saying): Alert {
  return saying === 'firing' ? { ...alert, phase: 'firing', endsAt: undefined } : alert;
}
