import { writeAmounts } from '@skerry/shared/kube/amounts';
import { volumesDirectoryAnnotation } from '@skerry/shared/kube/local-volumes';
import type { NodeName } from '@skerry/shared/names';
import type { RuntimeHealth } from '../runtime/runtimes.ts';
import type { NodeCondition } from './node-conditions.ts';
import type { NodeFacts } from './node-facts.ts';
import { machineLabels } from './machine-labels.ts';
import type { ResourcesView } from './node-resources.ts';

/** The version of Kubernetes whose kubelet the agent behaves like. */
export const KUBERNETES_VERSION = 'v1.36.0';

/** What a node reports of itself: the payload for key `nodes//<node>`. */
export interface NodeReport {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly status: NodeStatus;
}

export interface NodeStatus {
  readonly capacity: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
  readonly conditions: readonly NodeCondition[];
  readonly addresses: readonly { readonly type: string; readonly address: string }[];
  readonly nodeInfo: Readonly<Record<string, string>>;
}

export interface NodeScene {
  readonly node: NodeName;
  /** Of the agent. */
  readonly version: string;
  readonly resources: Pick<ResourcesView, 'facts' | 'capacity' | 'allocatable' | 'labels'>;
  readonly volumesDir: string;
  readonly health: ReadonlyMap<string, RuntimeHealth>;
  readonly conditions: readonly NodeCondition[];
}

/** Pure: a node as a kubelet reports it. */
export function nodeReport({
  node,
  version,
  resources,
  volumesDir,
  health,
  conditions,
}: NodeScene): NodeReport {
  const { facts, capacity, allocatable, labels } = resources;
  const engine = [...health].find(([, { phase }]) => phase === 'ready')?.[0] ?? 'none';
  return {
    labels: {
      ...machineLabels(node, facts),
      ...labels,
      'node-role.kubernetes.io/edge': '',
      'edge.skerry.io/runtime': engine,
      'edge.skerry.io/version': version,
    },
    annotations: { [volumesDirectoryAnnotation]: volumesDir },
    status: {
      capacity: writeAmounts(capacity),
      allocatable: writeAmounts(allocatable),
      conditions,
      addresses: addressesOf(node, facts),
      nodeInfo: {
        machineID: facts.machineId,
        systemUUID: facts.systemUuid,
        bootID: facts.bootId,
        kernelVersion: facts.kernelVersion,
        osImage: facts.osImage,
        containerRuntimeVersion: runtimeVersion(health),
        kubeletVersion: `${KUBERNETES_VERSION}-skerry.${version}`,
        kubeProxyVersion: '',
        operatingSystem: 'linux',
        architecture: facts.architecture,
      },
    },
  };
}

function addressesOf(node: NodeName, { address }: NodeFacts): NodeStatus['addresses'] {
  return [
    ...(address === undefined ? [] : [{ type: 'InternalIP', address }]),
    { type: 'Hostname', address: node },
  ];
}

/** Of the first runtime that is ready: the one of pods without a `runtimeClassName` if it is. */
function runtimeVersion(health: ReadonlyMap<string, RuntimeHealth>): string {
  for (const [name, one] of health) if (one.phase === 'ready') return `${name}://${one.version}`;
  return '';
}

/** Whether two reports say the same, the time of saying it apart. */
export function saySame(a: NodeReport, b: NodeReport | undefined): boolean {
  return JSON.stringify(a, timeless) === JSON.stringify(b, timeless);
}

function timeless(key: string, value: unknown): unknown {
  return key === 'lastHeartbeatTime' ? undefined : value;
}
