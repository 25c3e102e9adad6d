import { parseQuantity } from '@skerry/shared/kube/quantity';
import { textAt, valueAt, type KubeObject } from '../json.ts';
import { forbidden } from '../refusals.ts';
import { subjectOf, type Call, type RestParts } from './call.ts';

/**
 * Refuses that a bound claim asks for more, unless its class says that its volumes can grow.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#persistentvolumeclaimresize
 */
export function checkResize(
  { store }: RestParts,
  call: Call,
  claim: KubeObject,
  held?: KubeObject,
): void {
  if (!held || call.subresource || textAt(held, 'status', 'phase') !== 'Bound') return;
  if (requested(claim) <= requested(held)) return;
  const name = textAt(held, 'spec', 'storageClassName') ?? '';
  const kind = store.get({ resource: 'storageclasses.storage.k8s.io', namespace: '', name });
  if (kind && valueAt(kind.parse(), 'allowVolumeExpansion') === true) return;
  throw forbidden(
    subjectOf(call),
    call.name,
    'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
  );
}

function requested(claim: KubeObject): bigint {
  const text = textAt(claim, 'spec', 'resources', 'requests', 'storage') ?? '0';
  return parseQuantity(text)?.nanos ?? 0n;
}
