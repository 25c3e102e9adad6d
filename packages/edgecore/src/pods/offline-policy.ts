import { parseGoDuration } from '@skerry/shared/go-duration';
import type { PodObject } from './pod.ts';

/** What becomes of a pod while its node is cut off: `keep`, or `stop-after: 10m`. */
export const offlinePolicyAnnotation = 'edge.skerry.io/offline-policy';

export type OfflinePolicy =
  { readonly do: 'keep' } | { readonly do: 'stop-after'; readonly ms: number };

/** Undefined where what is said cannot be understood; then the pod is kept. */
export function offlinePolicyOf({ metadata }: PodObject): OfflinePolicy | undefined {
  const said = metadata.annotations?.[offlinePolicyAnnotation]?.trim() ?? 'keep';
  if (said === 'keep') return { do: 'keep' };
  const duration = /^stop-after:\s*(\S+)$/.exec(said)?.[1];
  const ms = duration === undefined ? undefined : parseGoDuration(duration);
  return ms === undefined ? undefined : { do: 'stop-after', ms };
}

/**
 * When the pod is to be stopped, milliseconds since the epoch; undefined while it may run without end. It
 * runs again when the node is connected again.
 */
export function stoppedOfflineAt(
  pod: PodObject,
  cutOffSince: number | undefined,
): number | undefined {
  if (cutOffSince === undefined) return undefined;
  const policy = offlinePolicyOf(pod);
  return policy?.do === 'stop-after' ? cutOffSince + policy.ms : undefined;
}
