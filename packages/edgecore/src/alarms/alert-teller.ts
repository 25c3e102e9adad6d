import { alertName, type Alert } from '@skerry/shared/alarms/alert';
import type { AlertRule, Receiver } from '@skerry/shared/alarms/alert-rule';
import { notificationOf } from '@skerry/shared/alarms/notification';
import { silenceOf, type Silence } from '@skerry/shared/alarms/silence';
import { dueOf, groupsOf, type Group } from '@skerry/shared/alarms/telling';
import { kubeTime, type Clock } from '@skerry/shared/clock';
import type { Log } from '@skerry/shared/log';
import { objectKey, resourceName, type NodeName } from '@skerry/shared/names';
import { NodeEvents } from '../link/node-events.ts';
import type { Reporter } from '../link/reporter.ts';
import type { PushDesk } from '../push/push-desk.ts';
import type { PushTarget } from '../push/push-target.ts';

const alertsResource = resourceName('alerts', 'edge.skerry.io');

export interface AlertTellerParts {
  readonly node: NodeName;
  readonly reporter: Reporter;
  readonly desk: Pick<PushDesk, 'offer'>;
  /** For rules that name none. */
  readonly receivers: readonly Receiver[];
  /** URL of the broker of the node. */
  readonly brokerUrl: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Says what alerts come to: to receivers, as Events of the Node, and as Alert objects. */
export class AlertTeller {
  readonly #parts: AlertTellerParts;
  readonly #events: NodeEvents;

  constructor(parts: AlertTellerParts) {
    this.#parts = parts;
    this.#events = new NodeEvents(parts);
  }

  /**
   * Tells what is due; resolves with the alerts that were told of, as they are from now on, once what is
   * for receivers is on disk. Rejects when the disk refuses it: then it is due still.
   */
  async tellDue(
    alerts: readonly Alert[],
    rules: ReadonlyMap<string, AlertRule>,
    silences: readonly Silence[],
  ): Promise<Alert[]> {
    const now = this.#parts.clock.now();
    const due = alerts.flatMap((alert) => {
      const told = dueOf(alert, silences, now);
      return told ? [{ ...alert, told }] : [];
    });
    const groups = [...Map.groupBy(due, ({ phase }) => phase).values()].flatMap((same) =>
      groupsOf(same, rules),
    );
    for (const group of groups) await this.#tell(group, rules);
    return due;
  }

  /** The Alert object of the cluster, as it is to be. */
  async report(alert: Alert, silences: readonly Silence[]): Promise<void> {
    const { phase, startsAt, endsAt, severity, labels, value, message, rule, instance } = alert;
    const silencedBy = silenceOf(alert, silences, this.#parts.clock.now())?.name;
    await this.#send(alert, {
      spec: { rule, instance, severity, labels },
      status: {
        state: phase,
        startsAt: startsAt === undefined ? undefined : kubeTime(startsAt),
        endsAt: endsAt === undefined ? null : kubeTime(endsAt),
        ...{ value, message, silencedBy: silencedBy ?? null, ruleGeneration: alert.generation },
      },
    });
  }

  /** Nobody needs the Alert object any more. */
  async gone(alert: Alert): Promise<void> {
    await this.#send(alert, { spec: { rule: alert.rule, instance: alert.instance }, gone: true });
  }

  async #send(alert: Alert, payload: object): Promise<void> {
    const { reporter, node } = this.#parts;
    const key = objectKey(alertsResource, '', alertName(node, alert));
    await reporter.report({ class: 'status', key, payload: Buffer.from(JSON.stringify(payload)) });
  }

  async #tell(group: Group, rules: ReadonlyMap<string, AlertRule>): Promise<void> {
    const { node, receivers: others, desk, log } = this.#parts;
    const [first] = group.alerts;
    if (!first) return;
    const own = rules.get(first.rule)?.receivers ?? [];
    const text = JSON.stringify(notificationOf(node, group));
    const about = objectKey(alertsResource, '', alertName(node, first));
    const targets = (own.length > 0 ? own : others).map((receiver) => this.#target(receiver));
    await Promise.all(targets.map((target) => desk.offer(target, about, text)));
    for (const { phase, rule, message, severity } of group.alerts) {
      log.warn({ rule, phase, severity, message }, 'alert');
      await this.#event(phase === 'firing' ? 'AlertFiring' : 'AlertResolved', rule, message);
    }
  }

  async #event(reason: 'AlertFiring' | 'AlertResolved', rule: string, said: string): Promise<void> {
    const type = reason === 'AlertFiring' ? 'Warning' : 'Normal';
    await this.#events.tell({ type, reason, message: `${rule}: ${said}` });
  }

  #target(receiver: Receiver): PushTarget {
    if (receiver.type === 'webhook')
      return { method: 'http', url: receiver.url, timeoutMs: receiver.timeoutSeconds * 1_000 };
    const { url = this.#parts.brokerUrl, topic, qos, retain } = receiver;
    return {
      method: 'mqtt',
      url,
      topic: topic.replaceAll('{node}', this.#parts.node),
      qos,
      retain,
    };
  }
}
