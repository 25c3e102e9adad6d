import type { Pod, Taint } from '../client/objects.ts';
import { tolerates } from '../scheduling/tolerations.ts';

/**
 * Pure: when a pod must leave its node for the node's taints, milliseconds since the epoch; undefined when
 * it may stay. Where nothing says since when a taint is there, it is from `now` on.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 */
export function leavesAt({ spec }: Pod, taints: readonly Taint[], now: number): number | undefined {
  const evicting = taints.filter(({ effect }) => effect === 'NoExecute');
  const times = evicting.flatMap((taint) => {
    const matching = (spec.tolerations ?? []).filter((one) => tolerates(one, taint));
    if (matching.length === 0) return [now];
    const limits = matching.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
    const since = Date.parse(taint.timeAdded ?? '') || now;
    return limits.length === 0 ? [] : [since + Math.max(0, Math.min(...limits)) * 1000];
  });
  return times.length === 0 ? undefined : Math.min(...times);
}
