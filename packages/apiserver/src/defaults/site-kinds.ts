import { listAt, objectAt, type KubeObject } from '../json.ts';
import { ensureObject, fill, objectsAt } from './fill.ts';

/** @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/priority-class-v1/ */
export function defaultPriorityClass(object: KubeObject): void {
  fill(object, { preemptionPolicy: 'PreemptLowerPriority' });
}

/** @see https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/storage-class-v1/ */
export function defaultStorageClass(object: KubeObject): void {
  fill(object, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' });
}

/** @see https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/ */
export function defaultNetworkPolicy(object: KubeObject): void {
  const spec = ensureObject(object, 'spec');
  const types = ['Ingress', ...(listAt(spec, 'egress').length > 0 ? ['Egress'] : [])];
  fill(spec, { policyTypes: types });
  for (const rule of [...objectsAt(spec, 'ingress'), ...objectsAt(spec, 'egress')])
    for (const port of objectsAt(rule, 'ports')) fill(port, { protocol: 'TCP' });
}

/** @see https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/ */
export function defaultEndpointSlice(object: KubeObject): void {
  for (const port of objectsAt(object, 'ports')) fill(port, { name: '', protocol: 'TCP' });
}

/** A node's pods are run by this class only where it names a handler; an empty overhead says nothing. */
export function defaultRuntimeClass(object: KubeObject): void {
  for (const toleration of objectsAt(objectAt(object, 'scheduling') ?? {}, 'tolerations'))
    fill(toleration, { operator: 'Equal' });
}
