import { alertName, type Alert } from '@skerry/shared/alarms/alert';
import { silenceOf, type Silence } from '@skerry/shared/alarms/silence';
import { kubeTime, type Clock } from '@skerry/shared/clock';
import { objectKey, type NodeName, type ObjectKey } from '@skerry/shared/names';
import { at } from '../kube/json-read.ts';
import type { KubeApi } from '../kube/kube-api.ts';
import { AlreadyExists } from '../kube/kube-errors.ts';
import { alerts, events } from '../kube/resource.ts';
import type { AlertObjects } from '../upstream/alert-objects.ts';
import { parseObject } from '../upstream/current-objects.ts';
import type { Fields } from '../upstream/merge-diff.ts';
import { alertOf } from './kept-alert.ts';
import type { Noted } from './notifier.ts';

/** Alerts read at once, when a hub starts. */
const pageSize = 500;

export interface HubAlertBookParts {
  readonly api: KubeApi;
  readonly objects: Pick<AlertObjects, 'put' | 'remove' | 'note'>;
  readonly clock: Clock;
}

/** An alert that a hub has found, and what its receivers were told. */
export interface Recalled {
  readonly alert: Alert;
  readonly noted: Noted | undefined;
}

/** The alerts of hubs, kept as objects of the cluster: no hub has a memory of its own. Throws KubeError. */
export class HubAlertBook {
  readonly #parts: HubAlertBookParts;

  constructor(parts: HubAlertBookParts) {
    this.#parts = parts;
  }

  /** What hubs have found so far. */
  async recall(signal: AbortSignal): Promise<Recalled[]> {
    const found: Recalled[] = [];
    let page: string | undefined;
    do {
      const listed = await this.#parts.api.list(
        alerts,
        { limit: pageSize, continue: page },
        signal,
      );
      for (const item of listed.items) {
        const { spec = {}, status = {} } = parseObject(item);
        if (spec['source'] === 'hub')
          found.push({ alert: alertOf(spec, status), noted: notedIn(status) });
      }
      page = listed.continue;
    } while (page !== undefined);
    return found;
  }

  async write(
    alert: Alert,
    noted: Noted | undefined,
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
    const said = { state: phase, ...times, value, message, silencedBy };
    await objects.put(
      {
        ...{ node: nodeOf(alert), source: 'hub', spec: { rule, instance, severity, labels } },
        key: keyOf(alert),
        status: { ...said, ...(noted && { notified: asStatus(noted) }) },
      },
      signal,
    );
  }

  async note(alert: Alert, noted: Noted, signal: AbortSignal): Promise<void> {
    await this.#parts.objects.note(keyOf(alert), { notified: asStatus(noted) }, signal);
  }

  async forget(alert: Alert, signal: AbortSignal): Promise<void> {
    await this.#parts.objects.remove(keyOf(alert), nodeOf(alert), signal);
  }

  /** An Event of the Node; made once, however often it is told. */
  async tell(alert: Alert, signal: AbortSignal): Promise<void> {
    const { rule, phase, message, startsAt = 0 } = alert;
    const node = nodeOf(alert);
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
}

/** Every alert bears the name of its node as a label. */
export function nodeOf({ labels }: Pick<Alert, 'labels'>): NodeName {
  return labels['node'] as NodeName;
}

function keyOf(alert: Alert): ObjectKey {
  return objectKey(alerts.name, '', alertName(nodeOf(alert), alert));
}

function asStatus({ state, startsAt }: Noted): Fields {
  return { state, startsAt: kubeTime(startsAt) };
}

function notedIn(status: Fields): Noted | undefined {
  const state = (['nothing', 'firing', 'resolved'] as const).find(
    (one) => one === at(status, 'notified', 'state'),
  );
  const startsAt = Date.parse(String(at(status, 'notified', 'startsAt')));
  return state && !Number.isNaN(startsAt) ? { state, startsAt } : undefined;
}
