import { matchesNode } from '@skerry/shared/kube/node-selector';
import type { JsonObject } from '../../json.ts';
import { daemonSets, type DaemonSet } from '../client/kinds.ts';
import type { Node, Pod, PodSpec, Toleration } from '../client/objects.ts';
import { untolerated } from '../scheduling/tolerations.ts';
import { revisionHashLabel } from '../workload/history.ts';
import { podOf } from '../workload/pod-of.ts';

const tolerated = (key: string, effect: string): Toleration => ({
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  effect,
});

/**
 * What every daemon's pod bears.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/#taints-and-tolerations
 */
const everywhere: readonly Toleration[] = [
  tolerated('not-ready', 'NoExecute'),
  tolerated('unreachable', 'NoExecute'),
  tolerated('disk-pressure', 'NoSchedule'),
  tolerated('memory-pressure', 'NoSchedule'),
  tolerated('pid-pressure', 'NoSchedule'),
  tolerated('unschedulable', 'NoSchedule'),
];

/** Whether a node is to have the set's pod, and whether one that is there may stay. */
export interface Calling {
  readonly runs: boolean;
  readonly stays: boolean;
}

/** Pure. */
export function callingOf({ spec }: DaemonSet, { metadata, spec: node }: Node): Calling {
  const { spec: wanted } = spec.template;
  const named = { name: metadata.name, labels: metadata.labels ?? {} };
  const isOther = wanted.nodeName !== undefined && wanted.nodeName !== metadata.name;
  if (isOther || !matchesNode(wanted, named)) return { runs: false, stays: false };
  const tolerations = tolerationsOf(wanted);
  const taints = node?.taints ?? [];
  const stays = !untolerated(tolerations, taints, ['NoExecute']);
  return { runs: stays && !untolerated(tolerations, taints, ['NoSchedule']), stays };
}

function tolerationsOf({ tolerations = [], hostNetwork }: PodSpec): Toleration[] {
  const network = hostNetwork === true ? [tolerated('network-unavailable', 'NoSchedule')] : [];
  const own = tolerations.map((one) => JSON.stringify([one.key, one.operator, one.effect]));
  const added = [...everywhere, ...network].filter(
    ({ key, operator, effect }) => !own.includes(JSON.stringify([key, operator, effect])),
  );
  return [...tolerations, ...added];
}

/** The set's pod for one node, which the scheduler binds there and nowhere else. */
export function daemonPod(set: DaemonSet, node: string, hash: string): JsonObject {
  const { template } = set.spec;
  const labels = { ...template.metadata?.labels, [revisionHashLabel]: hash };
  const pod = podOf(daemonSets, set, { ...template, metadata: { ...template.metadata, labels } });
  const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] };
  const { affinity = {} } = template.spec;
  const spec = {
    ...template.spec,
    tolerations: tolerationsOf(template.spec),
    affinity: {
      ...affinity,
      nodeAffinity: {
        ...affinity.nodeAffinity,
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] },
      },
    },
  };
  return { ...pod, spec };
}

/** The node of a daemon's pod, also before it is bound. */
export function nodeOf({ spec }: Pod): string {
  if (spec.nodeName !== undefined && spec.nodeName !== '') return spec.nodeName;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const fields = required?.nodeSelectorTerms.flatMap(({ matchFields = [] }) => matchFields) ?? [];
  return fields.find(({ key }) => key === 'metadata.name')?.values?.[0] ?? '';
}
