import type { Deployment } from '../client/kinds.ts';
import { amountOf } from '../workload/amount.ts';

/** How far a rolling update may depart from the number of pods that is wanted. */
export interface Room {
  /** Pods beyond the wanted number. */
  readonly surge: number;
  /** Wanted pods that need not be available. */
  readonly unavailable: number;
}

/**
 * The room of a deployment; none when it does not roll. Never none at all when it does: nothing could be
 * replaced.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment
 */
export function roomOf({ spec }: Deployment): Room {
  if (!isRolling({ spec })) return { surge: 0, unavailable: 0 };
  const { maxSurge, maxUnavailable } = spec.strategy.rollingUpdate ?? {};
  const surge = amountOf(maxSurge, spec.replicas, 'up');
  const share = amountOf(maxUnavailable, spec.replicas, 'down');
  const unavailable = surge === 0 && share === 0 ? 1 : share;
  return { surge, unavailable: Math.min(unavailable, spec.replicas) };
}

export function isRolling({ spec }: Pick<Deployment, 'spec'>): boolean {
  return spec.strategy.type === 'RollingUpdate';
}
