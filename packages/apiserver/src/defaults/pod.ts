import { listAt, objectAt, textAt, type Json, type JsonObject, type KubeObject } from '../json.ts';
import { fill } from './fill.ts';
import { defaultPodSpec } from './pod-spec.ts';

/** How long a pod stays on a node that is not ready, or cannot be reached, seconds. */
const tolerationSeconds = 300;

/** @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
export function defaultPod(pod: KubeObject): void {
  const spec = objectAt(pod, 'spec');
  if (!spec) return;
  defaultPodSpec(spec);
  fill(spec, {
    serviceAccountName: 'default',
    serviceAccount: 'default',
    enableServiceLinks: true,
  });
  const status = objectAt(pod, 'status');
  if (status) defaultAddresses(status);
}

/**
 * Tolerations that every new pod gets, unless it says its own.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
 */
export function tolerateTroubledNodes(pod: KubeObject): void {
  const spec = objectAt(pod, 'spec');
  if (!spec) return;
  const own = listAt(spec, 'tolerations');
  const added = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
    .filter((key) => !own.some((toleration) => tolerates(toleration, key)))
    .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds }));
  spec['tolerations'] = [...own, ...added];
}

function tolerates(toleration: Json, key: string): boolean {
  const effect = textAt(toleration, 'effect') ?? '';
  const own = textAt(toleration, 'key') ?? '';
  return (own === key || own === '') && (effect === 'NoExecute' || effect === '');
}

/** The first address of each list, and the list, say the same. */
function defaultAddresses(status: JsonObject): void {
  for (const [one, many] of [
    ['podIP', 'podIPs'],
    ['hostIP', 'hostIPs'],
  ] as const) {
    const address = textAt(status, one);
    if (address !== undefined && textAt(listAt(status, many)[0], 'ip') !== address)
      status[many] = [{ ip: address }];
  }
}
