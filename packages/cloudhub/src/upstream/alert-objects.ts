import { kubeTime } from '@skerry/shared/clock';
import { objectKey, type NodeName, type ObjectKey, type Uid } from '@skerry/shared/names';
import { count, field } from '../kube/json-read.ts';
import type { KubeApi } from '../kube/kube-api.ts';
import { AlreadyExists, NotFound } from '../kube/kube-errors.ts';
import { alerts, apiVersionOf, nodes } from '../kube/resource.ts';
import type { Placement } from '../route/placement.ts';
import { conditionsOf, mergeConditions } from './conditions.ts';
import type { CurrentObjects, KubeObject } from './current-objects.ts';
import { mergeDiff, type Fields } from './merge-diff.ts';
import { forbidden, accepted } from './report-writer.ts';
import type { StatusWriter } from './status-writer.ts';
import type { ReportOutcome } from '@skerry/shared/delivery/report';

export interface AlertObjectsParts {
  readonly api: KubeApi;
  readonly current: CurrentObjects;
  readonly statuses: StatusWriter;
  readonly placement: Pick<Placement, 'find'>;
  readonly clock: { now(): number };
}

/** An Alert as it is to be. */
export interface WantedAlert {
  readonly key: ObjectKey;
  readonly node: NodeName;
  /** Who has found it. */
  readonly source: 'edge' | 'hub';
  /** Rule, instance, severity and labels. */
  readonly spec: Fields;
  readonly status: Fields;
}

/** Alert objects of the cluster, as nodes and the hub find them. Throws KubeError. */
export class AlertObjects {
  readonly #parts: AlertObjectsParts;

  constructor(parts: AlertObjectsParts) {
    this.#parts = parts;
  }

  /** Creates the object, or brings it up to date. Refuses one that is of another node (G8). */
  async put(wanted: WantedAlert, signal: AbortSignal): Promise<ReportOutcome> {
    const { current, statuses, api, clock } = this.#parts;
    const { key, node } = wanted;
    const held = (await this.#held(key, signal)) ?? (await this.#create(wanted, signal));
    if (field(held.spec, 'node') !== node) return forbidden(node, key);
    const spec = mergeDiff(held.spec ?? {}, specOf(wanted));
    if (spec)
      current.remember(
        key,
        await api.patch(alerts, key, { kind: 'merge', body: { spec } }, signal),
      );
    const written = await statuses.write(
      { type: alerts, key },
      (object) => ({ do: 'write', status: statusOf(object, wanted, clock.now()) }),
      signal,
    );
    return written.do === 'refused' ? written : accepted;
  }

  /** Says this of the alert as well; nothing where it is gone. */
  async note(key: ObjectKey, fields: Fields, signal: AbortSignal): Promise<void> {
    const decide = ({ status = {} }: KubeObject) =>
      ({ do: 'write', status: { ...status, ...fields } }) as const;
    await this.#parts.statuses.write({ type: alerts, key }, decide, signal);
  }

  /** Deletes the object of a node. */
  async remove(key: ObjectKey, node: NodeName, signal: AbortSignal): Promise<ReportOutcome> {
    const { api, current } = this.#parts;
    const held = await this.#held(key, signal);
    if (!held) return accepted;
    if (field(held.spec, 'node') !== node) return forbidden(node, key);
    current.forget(key);
    try {
      await api.delete(alerts, key, { uid: held.metadata.uid as Uid }, signal);
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
    }
    return accepted;
  }

  async #held(key: ObjectKey, signal: AbortSignal): Promise<KubeObject | undefined> {
    try {
      return await this.#parts.current.reread(alerts, key, signal);
    } catch (error) {
      if (error instanceof NotFound) return undefined;
      throw error;
    }
  }

  async #create(wanted: WantedAlert, signal: AbortSignal): Promise<KubeObject> {
    const { api, current } = this.#parts;
    const name = wanted.key.slice(wanted.key.lastIndexOf('/') + 1);
    const object = {
      apiVersion: apiVersionOf(alerts),
      kind: alerts.kind,
      metadata: { name, ownerReferences: this.#owners(wanted.node) },
      spec: specOf(wanted),
    };
    try {
      return current.remember(wanted.key, await api.create(alerts, '', object, signal));
    } catch (error) {
      if (error instanceof AlreadyExists) return current.reread(alerts, wanted.key, signal);
      throw error;
    }
  }

  /** Alerts of a node go when the node is taken out of the cluster. */
  #owners(node: NodeName): object[] {
    const held = this.#parts.placement.find(objectKey(nodes.name, '', node));
    return held ? [{ apiVersion: 'v1', kind: 'Node', name: node, uid: held.uid }] : [];
  }
}

function specOf({ spec, node, source }: WantedAlert): Fields {
  return { ...spec, node, source };
}

function statusOf({ metadata, status = {} }: KubeObject, wanted: WantedAlert, now: number): Fields {
  const isFiring = wanted.status['state'] === 'firing';
  const generation = count(field(metadata, 'generation'));
  const since = isFiring ? wanted.status['startsAt'] : wanted.status['endsAt'];
  const condition = {
    type: 'Firing',
    status: isFiring ? 'True' : 'False',
    reason: isFiring ? 'RuleHolds' : 'RuleHoldsNoLonger',
    message: wanted.status['message'] ?? '',
    lastTransitionTime: since ?? kubeTime(now),
  };
  return {
    ...status,
    ...wanted.status,
    ...(generation !== undefined && { observedGeneration: generation }),
    conditions: mergeConditions(conditionsOf(status), [condition], now),
  };
}
