import { alertName, ended, look, type Alert } from '@skerry/shared/alarms/alert';
import type { AlertRule } from '@skerry/shared/alarms/alert-rule';
import { defaultRules } from '@skerry/shared/alarms/default-rules';
import { readRule, readSilence } from '@skerry/shared/alarms/read-rule';
import { silenceOf, type Silence } from '@skerry/shared/alarms/silence';
import { dueOf } from '@skerry/shared/alarms/telling';
import { kubeTime, type Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { Metrics } from '@skerry/shared/metrics';
import { keyParts, objectKey, type NodeName } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import { aborted } from '@skerry/shared/supervise';
import type { KubeApi } from '../kube/kube-api.ts';
import { AlreadyExists } from '../kube/kube-errors.ts';
import { alertRules, alerts, events, nodes, silences } from '../kube/resource.ts';
import type { Observed } from '../route/observed.ts';
import type { Placement } from '../route/placement.ts';
import type { AlertObjects } from '../upstream/alert-objects.ts';
import { parseObject, type KubeObject } from '../upstream/current-objects.ts';
import { alertKey, alertOf, isPast } from './kept-alert.ts';
import { Readings } from './readings.ts';
import { quietOf, silenceSeconds, silenceSighting, type Quiet } from './silent-nodes.ts';

/** Time between two looks at all nodes, milliseconds. */
export const hubAlarmPeriodMs = 2_000;
/** Alerts read at once, when a hub starts. */
const pageSize = 500;

export interface HubAlarmsParts {
  readonly api: KubeApi;
  readonly placement: Placement;
  readonly objects: Pick<AlertObjects, 'put' | 'remove'>;
  /** Silence after which a node is not shown as healthy any more, seconds. */
  readonly graceSeconds: number;
  readonly shipped: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/**
 * Raises the alarms that no node can raise itself: that nothing is heard of it. What has fired is known by
 * the Alert objects, so that a hub that starts, or a second one, goes on where another was.
 */
export async function runHubAlarms(parts: HubAlarmsParts, signal: AbortSignal): Promise<void> {
  const { placement, clock, log } = parts;
  await Promise.race([placement.whenSynced, aborted(signal)]);
  const watch = new SilenceWatch(parts);
  for (;;) {
    await watch.turn(signal).catch((error: unknown) => {
      signal.throwIfAborted();
      log.warn({ code: codeOf(error), why: messageOf(error) }, 'alarms not settled');
    });
    await clock.sleep(hubAlarmPeriodMs, signal);
  }
}

class SilenceWatch {
  readonly #parts: HubAlarmsParts;
  readonly #alerts = new Map<string, Alert>();
  readonly #rules: Readings<AlertRule>;
  readonly #silences: Readings<Silence>;
  /** There may be very many nodes: each state of one is read once. */
  readonly #read = new WeakMap<Observed, { readonly quiet: Quiet }>();
  #recalled = false;

  constructor(parts: HubAlarmsParts) {
    this.#parts = parts;
    this.#rules = new Readings(readRule, parts.log);
    this.#silences = new Readings(readSilence, parts.log);
    parts.metrics.gaugeOf('alerts', 'Alerts about silent nodes that fire.', () => {
      return [...this.#alerts.values()].filter(({ phase }) => phase === 'firing').length;
    });
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
    const node = alert.labels['node'] as NodeName;
    const isHere = this.#parts.placement.find(objectKey(nodes.name, '', node)) !== undefined;
    const now = this.#parts.clock.now();
    const next = isHere ? ended(alert, now) : undefined;
    if (next && isPast(next, now)) await this.#forget(key, node, next, signal);
    else if (next) await this.#settle(key, node, next, silenced, signal);
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
    else if (isPast(next, now)) await this.#forget(key, node, next, signal);
    else if (next.phase === 'pending') this.#alerts.set(key, next);
    else await this.#settle(key, node, next, silenced, signal);
  }

  #quiet(observed: Observed): Quiet {
    const { quiet } = this.#read.get(observed) ?? {
      quiet: observed.object && quietOf(parseJson(observed.object)),
    };
    this.#read.set(observed, { quiet });
    return quiet;
  }

  /** What resolved long ago goes here and in the cluster. */
  async #forget(key: string, node: NodeName, alert: Alert, signal: AbortSignal): Promise<void> {
    await this.#parts.objects.remove(
      objectKey(alerts.name, '', alertName(node, alert)),
      node,
      signal,
    );
    this.#alerts.delete(key);
  }

  /** An object is written and an Event told when the alert turns; what could not be is due still. */
  async #settle(
    key: string,
    node: NodeName,
    next: Alert,
    silenced: readonly Silence[],
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, log } = this.#parts;
    const before = this.#alerts.get(key);
    const due = dueOf(next, silenced, clock.now());
    if (before?.phase !== next.phase || due) await this.#write(node, next, silenced, signal);
    if (due) {
      log.warn({ node, rule: next.rule, phase: next.phase, message: next.message }, 'alert');
      await this.#tell(node, next, signal);
    }
    this.#alerts.set(key, due ? { ...next, told: due } : next);
  }

  async #write(
    node: NodeName,
    alert: Alert,
    silenced: readonly Silence[],
    signal: AbortSignal,
  ): Promise<void> {
    const { objects, clock } = this.#parts;
    const { rule, instance, severity, labels, phase, startsAt, endsAt, value, message } = alert;
    const silencedBy = silenceOf(alert, silenced, clock.now())?.name ?? null;
    const times = {
      startsAt: kubeTime(startsAt ?? clock.now()),
      endsAt: endsAt === undefined ? null : kubeTime(endsAt),
    };
    await objects.put(
      {
        ...{ node, source: 'hub', spec: { rule, instance, severity, labels } },
        key: objectKey(alerts.name, '', alertName(node, alert)),
        status: { state: phase, ...times, value, message, silencedBy },
      },
      signal,
    );
  }

  async #tell(
    node: NodeName,
    { rule, phase, message, startsAt = 0 }: Alert,
    signal: AbortSignal,
  ): Promise<void> {
    const isFiring = phase === 'firing';
    const time = kubeTime(this.#parts.clock.now());
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${node}.${rule}.${phase}.${startsAt.toString(16)}`, namespace: 'default' },
      involvedObject: { apiVersion: 'v1', kind: 'Node', name: node, uid: node },
      type: isFiring ? 'Warning' : 'Normal',
      reason: isFiring ? 'AlertFiring' : 'AlertResolved',
      message: `${rule}: ${message}`,
      source: { component: 'cloudhub' },
      ...{ firstTimestamp: time, lastTimestamp: time, count: 1 },
    };
    try {
      await this.#parts.api.create(events, 'default', event, signal);
    } catch (error) {
      if (!(error instanceof AlreadyExists)) throw error;
    }
  }

  /** What hubs have found before this one started. */
  async #recall(signal: AbortSignal): Promise<void> {
    let page: string | undefined;
    do {
      const { items, continue: next } = await this.#parts.api.list(
        alerts,
        { limit: pageSize, continue: page },
        signal,
      );
      for (const item of items) this.#remember(parseObject(item));
      page = next;
    } while (page !== undefined);
    this.#recalled = true;
  }

  #remember({ spec = {}, status = {} }: KubeObject): void {
    if (spec['source'] !== 'hub') return;
    const alert = alertOf(spec, status);
    this.#alerts.set(alertKey(String(spec['node']), alert.rule), alert);
  }
}

interface Looking {
  readonly node: NodeName;
  readonly observed: Observed;
  readonly rule: AlertRule;
  readonly silenced: readonly Silence[];
}
