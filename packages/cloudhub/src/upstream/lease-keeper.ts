import type { Clock } from '@skerry/shared/clock';
import { kubeMicroTime } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { Metrics } from '@skerry/shared/metrics';
import { objectKey, type NodeName, type ObjectKey } from '@skerry/shared/names';
import { WorkQueue, work } from '@skerry/shared/workqueue';
import type { KubeApi } from '../kube/kube-api.ts';
import { AlreadyExists, NotFound } from '../kube/kube-errors.ts';
import { apiVersionOf, leases, nodes } from '../kube/resource.ts';
import type { Cache } from './current-objects.ts';

export const leaseNamespace = 'kube-node-lease';
/** `spec.leaseDurationSeconds`, as a kubelet sets it. */
export const leaseSeconds = 40;
/** A Lease is renewed with the first heartbeat after this time, milliseconds: rather a second early. */
const longestRenewMs = 9_000;
/** Renewals under way at once; they do not wait behind reports. */
export const leaseConcurrency = 4;

/** Other hubs judge a node by its Lease alone: it is renewed several times within the grace period. */
export function leaseRenewMs(graceMs: number): number {
  return Math.min(longestRenewMs, graceMs / 4);
}

/** Told whenever a node shows that it lives. */
export interface Liveness {
  seen(node: NodeName): void;
}

export interface LeaseKeeperParts {
  readonly api: KubeApi;
  /** Where the Node's uid is known from. */
  readonly cache: Cache;
  /** Silence after which a node is not shown as healthy any more, milliseconds. */
  readonly graceMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

interface Beats {
  /** Monotonic, milliseconds. */
  seenAt: number;
  renewedAt?: number;
  /** `spec.renewTime` as last written here. */
  renewTime?: string;
}

/**
 * Turns heartbeats into Leases (`kube-node-lease/<node>`), so that everybody who watches Kubernetes knows
 * which node lives. A renewal that fails is made up for by the next heartbeat.
 *
 * Source: kubernetes.io/docs/concepts/architecture/leases, “Node heartbeats”.
 */
export class LeaseKeeper implements Liveness {
  readonly #parts: LeaseKeeperParts;
  readonly #beats = new Map<NodeName, Beats>();
  readonly #due = new WorkQueue<NodeName>();

  constructor(parts: LeaseKeeperParts) {
    this.#parts = parts;
  }

  seen(node: NodeName): void {
    const seenAt = this.#parts.clock.monotonic();
    const beats = this.#beats.get(node) ?? { seenAt };
    beats.seenAt = seenAt;
    this.#beats.set(node, beats);
    if (
      beats.renewedAt === undefined ||
      seenAt - beats.renewedAt >= leaseRenewMs(this.#parts.graceMs)
    )
      this.#due.add(node);
  }

  /** When this hub last heard of the node: monotonic, milliseconds. */
  seenAt(node: NodeName): number | undefined {
    return this.#beats.get(node)?.seenAt;
  }

  /** The `spec.renewTime` that this hub last gave the node's Lease. */
  renewTimeOf(node: NodeName): string | undefined {
    return this.#beats.get(node)?.renewTime;
  }

  /** Renews until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, metrics } = this.#parts;
    const failures = metrics.counter<'code'>(
      'lease_failures_total',
      'Renewals of node Leases that failed.',
      ['code'],
    );
    await work<NodeName>(
      {
        queue: this.#due,
        clock,
        workers: leaseConcurrency,
        reconcile: async (node, inner) => {
          await this.#renew(node, inner);
          return undefined;
        },
        failed: (node, error) => {
          failures.inc({ code: codeOf(error) });
          log.warn(
            { node, code: codeOf(error), reason: messageOf(error) },
            'lease was not renewed',
          );
          return undefined;
        },
      },
      signal,
    );
  }

  async #renew(node: NodeName, signal: AbortSignal): Promise<void> {
    const { api, clock } = this.#parts;
    const [startedAt, renewTime] = [clock.monotonic(), kubeMicroTime(clock.now())];
    const lease = this.#leaseOf(node, renewTime);
    try {
      await api.patch(leases, leaseKey(node), { kind: 'merge', body: lease }, signal);
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
      await api.create(leases, leaseNamespace, lease, signal).catch(ignore(AlreadyExists));
    }
    const beats = this.#beats.get(node);
    if (beats) Object.assign(beats, { renewedAt: startedAt, renewTime });
  }

  /** The Lease goes when its Node does, once the Node is known. */
  #leaseOf(node: NodeName, renewTime: string): object {
    const uid = this.#parts.cache.find(objectKey(nodes.name, '', node))?.uid;
    const owner = { apiVersion: 'v1', kind: 'Node', name: node, uid };
    return {
      apiVersion: apiVersionOf(leases),
      kind: leases.kind,
      metadata: {
        name: node,
        namespace: leaseNamespace,
        ...(uid !== undefined && { ownerReferences: [owner] }),
      },
      spec: { holderIdentity: node, leaseDurationSeconds: leaseSeconds, renewTime },
    };
  }
}

export function leaseKey(node: NodeName): ObjectKey {
  return objectKey(leases.name, leaseNamespace, node);
}

function ignore(kind: abstract new (...parts: never[]) => Error): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof kind)) throw error;
    return undefined;
  };
}
