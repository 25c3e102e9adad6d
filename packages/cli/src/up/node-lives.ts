import type { Cluster } from '../kube/cluster.ts';
import { nodeName } from './settings.ts';

const patienceSeconds = 60;

interface Lease {
  readonly spec?: { readonly renewTime?: string };
}

interface Node {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/**
 * Resolves when the node has shown that it lives and is ready. What the cluster remembers of an earlier
 * start does not count: the lease must have been renewed after `since`, milliseconds since the epoch.
 */
export async function nodeLives(
  cluster: Cluster,
  since: number,
  signal: AbortSignal,
): Promise<void> {
  const waiting = { what: `node ${nodeName} becoming ready`, seconds: patienceSeconds };
  const renewed = ({ spec }: Lease): boolean => Date.parse(spec?.renewTime ?? '') >= since;
  await cluster.waitFor(leasePath, renewed, waiting, signal);
  await cluster.waitFor(`/api/v1/nodes/${nodeName}`, isReady, waiting, signal);
}

const leasePath = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${nodeName}`;

function isReady({ status }: Node): boolean {
  return (
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true
  );
}
