import { fingerprintOf, type Alert } from './alert.ts';
import type { Group } from './telling.ts';

/**
 * What a webhook is sent, and what is published: the shape of Alertmanager's webhooks, so that what reads
 * those reads these. Times are RFC 3339; `endsAt` of what still fires is the zero time.
 *
 * Source: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export interface Notification {
  readonly version: '4';
  readonly groupKey: string;
  readonly status: 'firing' | 'resolved';
  readonly receiver: 'skerry';
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly commonLabels: Readonly<Record<string, string>>;
  readonly commonAnnotations: Readonly<Record<string, string>>;
  readonly externalURL: '';
  readonly truncatedAlerts: 0;
  readonly alerts: readonly NotifiedAlert[];
}

interface NotifiedAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: { readonly message: string; readonly value: string };
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: '';
  readonly fingerprint: string;
}

const zeroTime = '0001-01-01T00:00:00Z';

/** Of a group whose alerts are all to be told; it fires while any of them does. */
export function notificationOf({ key, labels, alerts }: Group): Notification {
  const isFiring = alerts.some(({ phase }) => phase === 'firing');
  return {
    version: '4',
    groupKey: key,
    status: isFiring ? 'firing' : 'resolved',
    receiver: 'skerry',
    groupLabels: labels,
    commonLabels: common(alerts.map((alert) => alert.labels)),
    commonAnnotations: common(alerts.map(({ message, value }) => ({ message, value }))),
    externalURL: '',
    truncatedAlerts: 0,
    alerts: alerts.map(notified),
  };
}

function notified(alert: Alert): NotifiedAlert {
  const node = alert.labels['node'] ?? '';
  const { phase, labels, message, value, startsAt = 0, endsAt } = alert;
  return {
    status: phase === 'firing' ? 'firing' : 'resolved',
    labels,
    annotations: { message, value },
    startsAt: new Date(startsAt).toISOString(),
    endsAt: endsAt === undefined ? zeroTime : new Date(endsAt).toISOString(),
    generatorURL: '',
    fingerprint: fingerprintOf(node, alert),
  };
}

/** What all of them agree in. */
function common(all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first = {}, ...others] = all;
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((one) => one[name] === value)),
  );
}
