import { ended, look, type Alert } from '@skerry/shared/alarms/alert';
import type { AlertRule } from '@skerry/shared/alarms/alert-rule';
import { defaultRules } from '@skerry/shared/alarms/default-rules';
import { readRule, readSilence } from '@skerry/shared/alarms/read-rule';
import { Readings } from '@skerry/shared/alarms/readings';
import type { Silence } from '@skerry/shared/alarms/silence';
import { dueOf } from '@skerry/shared/alarms/telling';
import type { Clock, Random } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { Gauge, Metrics } from '@skerry/shared/metrics';
import { keyParts, objectKey, type NodeName } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import { aborted } from '@skerry/shared/supervise';
import type { KubeApi } from '../kube/kube-api.ts';
import { alertRules, nodes, silences } from '../kube/resource.ts';
import type { Observed } from '../route/observed.ts';
import type { Placement } from '../route/placement.ts';
import type { AlertObjects } from '../upstream/alert-objects.ts';
import { HubAlertBook, nodeOf } from './hub-alert-book.ts';
import { alertKey, isPast } from './kept-alert.ts';
import { Notifier, type Noted, type NotifierParts } from './notifier.ts';
import { quietOf, silenceSeconds, silenceSighting, type Quiet } from './silent-nodes.ts';

/** Time between two looks at all nodes, milliseconds. */
export const hubAlarmPeriodMs = 2_000;

export interface HubAlarmsParts {
  readonly api: KubeApi;
  readonly placement: Placement;
  readonly objects: Pick<AlertObjects, 'put' | 'remove' | 'note'>;
  /** Silence after which a node is not shown as healthy any more, seconds. */
  readonly graceSeconds: number;
  readonly shipped: boolean;
  /** Who is told by rules that name nobody; absent: nobody. */
  readonly webhook?: string | undefined;
  readonly post: NotifierParts['post'];
  readonly random: Random;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Raises the alarms that no node can raise itself: that nothing is heard of it. What has fired is known by
 * the Alert objects, so that a hub that starts, or takes over from another, goes on where that was.
 */
export async function runHubAlarms(parts: HubAlarmsParts, signal: AbortSignal): Promise<void> {
  const { placement, clock, log } = parts;
  await Promise.race([placement.whenSynced, aborted(signal)]);
  const watch = new SilenceWatch(parts);
  try {
    for (;;) {
      await watch.turn(signal).catch((error: unknown) => {
        signal.throwIfAborted();
        log.warn({ code: codeOf(error), why: messageOf(error) }, 'alarms not settled');
      });
      await clock.sleep(hubAlarmPeriodMs, signal);
    }
  } finally {
    await watch.ended();
  }
}

class SilenceWatch {
  readonly #parts: HubAlarmsParts;
  readonly #alerts = new Map<string, Alert>();
  /** What receivers were told, by fingerprint. */
  readonly #noted = new Map<string, Noted>();
  readonly #book: HubAlertBook;
  readonly #notifier: Notifier;
  readonly #rules: Readings<AlertRule>;
  readonly #silences: Readings<Silence>;
  readonly #firing: Gauge;
  /** There may be very many nodes: each state of one is read once. */
  readonly #read = new WeakMap<Observed, { readonly quiet: Quiet }>();
  #recalled = false;

  constructor(parts: HubAlarmsParts) {
    this.#parts = parts;
    this.#book = new HubAlertBook(parts);
    this.#notifier = this.#openNotifier();
    this.#rules = new Readings(readRule, parts.log);
    this.#silences = new Readings(readSilence, parts.log);
    this.#firing = parts.metrics.gauge('alerts', 'Alerts about silent nodes that fire.');
  }

  /** Looks at every node by every rule that is about silence and placed there. Throws KubeError. */
  async turn(signal: AbortSignal): Promise<void> {
    const { placement } = this.#parts;
    if (!this.#recalled) await this.#recall(signal);
    const silenced = this.#silences.of(placement.all(silences.name));
    const unseen = new Map(this.#alerts);
    for (const { node, observed, rule } of this.#placed()) {
      unseen.delete(alertKey(node, rule.name));
      await this.#look({ node, observed, rule, silenced }, signal);
    }
    for (const [key, alert] of unseen) await this.#letGo(key, alert, silenced, signal);
    for (const key of this.#noted.keys()) if (!this.#alerts.has(key)) this.#noted.delete(key);
    const found = [...this.#alerts];
    this.#firing.set(found.filter(([, { phase }]) => phase === 'firing').length);
    const noted = found.map(([key, alert]) => ({ key, alert, noted: this.#noted.get(key) }));
    this.#notifier.turn(noted, this.#rulesByName(), signal);
  }

  /** Resolves when no receiver is spoken with any more; from now on another hub may raise alarms. */
  async ended(): Promise<void> {
    this.#firing.set(0);
    await this.#notifier.settled();
  }

  #openNotifier(): Notifier {
    const outcomes = this.#parts.metrics.counter(
      'alert_notifications_total',
      'Notifications brought to receivers of alerts; failed ones are tried again.',
      ['outcome'],
    );
    return new Notifier({
      ...this.#parts,
      counted: (outcome) => outcomes.inc({ outcome }),
      keep: async (key, alert, noted, signal) => {
        await this.#book.note(alert, noted, signal);
        this.#noted.set(key, noted);
      },
    });
  }

  *#placed(): Generator<{ node: NodeName; observed: Observed; rule: AlertRule }, void> {
    const rules = this.#rulesNow();
    for (const observed of this.#parts.placement.all(nodes.name)) {
      const node = keyParts(observed.key).name as NodeName;
      for (const { rule, isPlaced } of rules) if (isPlaced(node)) yield { node, observed, rule };
    }
  }

  /** No rule looks at it any more; with its node, its object goes by itself. */
  async #letGo(
    key: string,
    alert: Alert,
    silenced: readonly Silence[],
    signal: AbortSignal,
  ): Promise<void> {
    const node = objectKey(nodes.name, '', nodeOf(alert));
    const isHere = this.#parts.placement.find(node) !== undefined;
    const now = this.#parts.clock.now();
    const next = isHere ? ended(alert, now) : undefined;
    if (next && isPast(next, now)) await this.#forget(key, next, signal);
    else if (next) await this.#settle(key, next, silenced, signal);
    else this.#alerts.delete(key);
  }

  /** A rule of the cluster that bears the name of one that ships stands for it. */
  #rulesNow(): { rule: AlertRule; isPlaced: (node: NodeName) => boolean }[] {
    const { placement, shipped } = this.#parts;
    const held = this.#rules.of(placement.all(alertRules.name));
    const named = new Set(held.map(({ name }) => name));
    const others = shipped ? defaultRules.filter(({ name }) => !named.has(name)) : [];
    const isSilence = ({ source, enabled }: AlertRule): boolean =>
      enabled && source.type === 'nodeSilence';
    return [
      ...held.filter(isSilence).map((rule) => ({
        rule,
        isPlaced: (node: NodeName) =>
          placement.isPlaced(node, objectKey(alertRules.name, '', rule.name)),
      })),
      ...others.filter(isSilence).map((rule) => ({ rule, isPlaced: () => true })),
    ];
  }

  async #look({ node, observed, rule, silenced }: Looking, signal: AbortSignal): Promise<void> {
    const { clock, graceSeconds } = this.#parts;
    const now = clock.now();
    const seconds = silenceSeconds(this.#quiet(observed), { now, graceSeconds });
    const key = alertKey(node, rule.name);
    const before = this.#alerts.get(key);
    const next = look(before, rule, { node, sighting: silenceSighting(seconds), now });
    if (!next) this.#alerts.delete(key);
    else if (isPast(next, now)) await this.#forget(key, next, signal);
    else if (next.phase === 'pending') this.#alerts.set(key, next);
    else await this.#settle(key, next, silenced, signal);
  }

  #quiet(observed: Observed): Quiet {
    const { quiet } = this.#read.get(observed) ?? {
      quiet: observed.object && quietOf(parseJson(observed.object)),
    };
    this.#read.set(observed, { quiet });
    return quiet;
  }

  /** What resolved long ago goes here and in the cluster. */
  async #forget(key: string, alert: Alert, signal: AbortSignal): Promise<void> {
    await this.#book.forget(alert, signal);
    this.#alerts.delete(key);
  }

  /** An object is written and an Event told when the alert turns; what could not be is due still. */
  async #settle(
    key: string,
    next: Alert,
    silenced: readonly Silence[],
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, log } = this.#parts;
    const { rule, phase, message } = next;
    const before = this.#alerts.get(key);
    const due = dueOf(next, silenced, clock.now());
    const noted = due === 'firing' ? this.#beginNote(next) : undefined;
    if (before?.phase !== phase || due) await this.#book.write(next, noted, silenced, signal);
    if (noted) this.#noted.set(key, noted);
    if (due) {
      log.warn({ node: nodeOf(next), rule, phase, message }, 'alert');
      await this.#book.tell(next, signal);
    }
    this.#alerts.set(key, due ? { ...next, told: due } : next);
  }

  /** Receivers are to be told of it, and have not been. */
  #beginNote({ rule, startsAt = 0 }: Alert): Noted | undefined {
    const isFor = this.#notifier.hasReceivers(this.#rulesByName().get(rule));
    return isFor ? { state: 'nothing', startsAt } : undefined;
  }

  #rulesByName(): ReadonlyMap<string, AlertRule> {
    return new Map(this.#rulesNow().map(({ rule }) => [rule.name, rule]));
  }

  /** What hubs have found before this one started. */
  async #recall(signal: AbortSignal): Promise<void> {
    for (const { alert, noted } of await this.#book.recall(signal)) {
      const key = alertKey(nodeOf(alert), alert.rule);
      this.#alerts.set(key, alert);
      if (noted) this.#noted.set(key, noted);
    }
    this.#recalled = true;
  }
}

interface Looking {
  readonly node: NodeName;
  readonly observed: Observed;
  readonly rule: AlertRule;
  readonly silenced: readonly Silence[];
}
