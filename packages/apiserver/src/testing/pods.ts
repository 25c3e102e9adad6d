import type { Node, Pod, PodSpec, PodStatus } from '../controllers/client/objects.ts';

interface PodSketch {
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly owner?: string;
  readonly created?: string;
  readonly deleted?: boolean;
  readonly spec?: Partial<PodSpec>;
  readonly status?: PodStatus;
}

/** A stored pod of the namespace `default`; its uid is its name. */
export function podNamed(name: string, sketch: PodSketch = {}): Pod {
  const { labels = {}, annotations = {}, owner, spec = {}, status = {} } = sketch;
  const controller = { apiVersion: 'apps/v1', kind: 'Owner', name: 'o', controller: true };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      creationTimestamp: sketch.created ?? '2026-01-01T00:00:00Z',
      labels,
      annotations,
      ...(owner === undefined ? {} : { ownerReferences: [{ ...controller, uid: owner }] }),
      ...(sketch.deleted === true ? { deletionTimestamp: '2026-01-01T00:00:30Z' } : {}),
    },
    spec: { containers: [{ name: 'c' }], ...spec },
    status,
  };
}

/** The status of a pod that runs and has been ready since then. */
export function readySince(time: string): PodStatus {
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: time };
  return { phase: 'Running', conditions: [ready] };
}

/** A stored node with room for 10 pods. */
export function nodeNamed(
  name: string,
  labels: Record<string, string> = {},
  more: Pick<Node, 'spec' | 'status'> = {},
): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, namespace: '', uid: name, creationTimestamp: '2026-01-01T00:00:00Z', labels },
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '10' } },
    ...more,
  };
}
