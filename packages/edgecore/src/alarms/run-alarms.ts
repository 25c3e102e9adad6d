import { alertName, type Alert } from '@skerry/shared/alarms/alert';
import type { AlertRule, Receiver } from '@skerry/shared/alarms/alert-rule';
import { defaultRules } from '@skerry/shared/alarms/default-rules';
import { silenceOf, type Silence } from '@skerry/shared/alarms/silence';
import type { Clock, Random } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { Metrics } from '@skerry/shared/metrics';
import type { NodeName } from '@skerry/shared/names';
import type { Store } from '@skerry/shared/store';
import { supervise } from '@skerry/shared/supervise';
import type { Reporter } from '../link/reporter.ts';
import type { ObjectReader } from '../meta/object-reader.ts';
import { PushDesk } from '../push/push-desk.ts';
import { AlarmWatch } from './alarm-watch.ts';
import type { AlarmsConfig } from './alarms-config.ts';
import { AlertBook } from './alert-book.ts';
import { AlertTeller } from './alert-teller.ts';
import { Increases } from './increases.ts';
import { RuleBook } from './rule-book.ts';
import { sightingsOf, type JudgementReader } from './sources.ts';
import type { ToldStatuses } from './told-statuses.ts';

export interface AlarmsParts {
  readonly node: NodeName;
  readonly config: AlarmsConfig;
  readonly objects: ObjectReader;
  readonly statuses: ToldStatuses;
  readonly judgements: JudgementReader;
  readonly reporter: Reporter;
  readonly store: Store;
  /** URL of the broker of the node. */
  readonly brokerUrl: string;
  /** PEM file of the agent. */
  readonly certificate: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** An alert as people see it at the node. */
export interface ShownAlert extends Omit<Alert, 'told' | 'heldSince'> {
  readonly name: string;
  readonly silencedBy: string | undefined;
}

/** The alarms of this node: `run` looks until its signal aborts, the rest answers people. */
export interface Alarms {
  run(signal: AbortSignal): Promise<void>;
  alerts(): Promise<readonly ShownAlert[]>;
  /** Those that are evaluated here, shipped ones included. */
  rules(): Promise<readonly AlertRule[]>;
  silences(): Promise<readonly Silence[]>;
}

export async function openAlarms(parts: AlarmsParts): Promise<Alarms> {
  const { node, config, objects, store, clock, log } = parts;
  const book = await AlertBook.open(store, node);
  const desk = openDesk(parts);
  const increases = new Increases(clock.monotonic());
  const watch = new AlarmWatch({
    ...{ node, book, clock, log },
    rules: new RuleBook(objects, log),
    shipped: config.shipped === 'on' ? defaultRules : [],
    teller: new AlertTeller({ ...parts, desk, receivers: receiversOf(config) }),
    sightings: (rule: AlertRule) => sightingsOf(rule.source, { ...parts, increases }),
  });
  measure(parts.metrics, book);
  return {
    run: (signal) =>
      supervise(signal, {
        desk: (s) => desk.run(s),
        looks: (s) => keepLooking(watch, parts, s),
      }),
    alerts: async () => {
      const silences = await watch.silences();
      return book.all().map((alert) => shown(alert, node, silenceOf(alert, silences, clock.now())));
    },
    rules: async () => [...(await watch.rules()).values()],
    silences: () => watch.silences(),
  };
}

async function keepLooking(
  watch: AlarmWatch,
  { config, clock, log }: AlarmsParts,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await watch.turn().catch((error: unknown) => {
      log.warn({ code: codeOf(error), why: messageOf(error) }, 'alarms not settled');
    });
    await clock.sleep(config.periodSeconds * 1_000, signal);
  }
}

function openDesk({ store, node, clock, random, log, metrics }: AlarmsParts): PushDesk {
  return new PushDesk({
    ...{ store, clock, random, log },
    name: 'alert-push',
    clientId: `skerry-alerts-${node}`,
    together: 1, // each is a request of its own, so that one that is refused takes no other along
    bodyOf: ([text = '']) => text,
    pushed: metrics.counter(
      'alert_notifications_total',
      'Notifications brought to receivers of alerts; failed ones are tried again.',
      ['method', 'outcome'],
    ),
    dropped: metrics.counter(
      'alert_notifications_dropped_total',
      'Notifications of alerts that were given up.',
      ['reason'],
    ),
  });
}

function measure(metrics: Metrics, book: AlertBook): void {
  metrics.gaugesOf('alerts', 'Alerts that fire or may soon.', ['severity', 'phase'], () => {
    const lasting = book.all().filter(({ phase }) => phase !== 'resolved');
    const same = Map.groupBy(lasting, ({ severity, phase }) => `${severity} ${phase}`);
    return [...same].map(([key, { length }]) => {
      const [severity = '', phase = ''] = key.split(' ');
      return [{ severity, phase }, length] as const;
    });
  });
}

function receiversOf({ webhook, mqttTopic }: AlarmsConfig): Receiver[] {
  return [
    ...(webhook === undefined
      ? []
      : [{ type: 'webhook', url: webhook, timeoutSeconds: 10 } as const]),
    ...(mqttTopic === undefined
      ? []
      : [{ type: 'mqtt', topic: mqttTopic, qos: 1, retain: false } as const]),
  ];
}

function shown(alert: Alert, node: NodeName, silence: Silence | undefined): ShownAlert {
  const { told: _told, heldSince: _since, ...rest } = alert;
  return { ...rest, name: alertName(node, alert), silencedBy: silence?.name };
}
