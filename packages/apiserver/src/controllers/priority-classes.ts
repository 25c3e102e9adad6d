import type { RestParts } from '../rest/call.ts';
import { ensure } from './ensure.ts';

/** As every cluster has them; above what users may ask for. */
const systemClasses = [
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  {
    metadata: { name: 'system-node-critical' },
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
] as const;

/** @see https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/ */
export async function makePriorityClasses(parts: RestParts): Promise<void> {
  for (const body of systemClasses)
    await ensure(parts, { plural: 'priorityclasses', group: 'scheduling.k8s.io' }, body);
}
