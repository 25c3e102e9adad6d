import { isObject, objectAt, valueAt, type Json } from '../json.ts';
import { builtinSchema } from '../schema/builtin-schema.ts';
import { validateRole, validateRoleBinding, validateRoleBindingUpdate } from './access.ts';
import {
  validateEvent,
  validateLease,
  validateNamespace,
  validateNode,
  validateNodeUpdate,
} from './cluster.ts';
import {
  validateConfigMap,
  validateImmutableData,
  validateSecret,
  validateSecretUpdate,
} from './configuration.ts';
import type { FieldError } from './field-error.ts';
import { validateFinalizerOwners, validateMetadata, validateMetadataUpdate } from './metadata.ts';
import { dns1035Label, dnsLabel, dnsSubdomain, pathSegment, type NameRule } from './names.ts';
import { validatePodUpdate } from './pod/pod-update.ts';
import { validatePod } from './pod/pod.ts';
import { validateService, validateServiceUpdate } from './service.ts';
import {
  validateEndpointSlice,
  validateEndpointSliceUpdate,
  validateNetworkPolicy,
  validatePriorityClass,
  validatePriorityClassUpdate,
  validateRuntimeClass,
  validateRuntimeClassUpdate,
  validateSigningRequest,
  validateSigningRequestUpdate,
  validateStorageClass,
  validateStorageClassUpdate,
} from './site-kinds.ts';
import {
  validatePersistentVolume,
  validatePersistentVolumeClaim,
  validatePersistentVolumeClaimUpdate,
  validatePersistentVolumeUpdate,
} from './storage.ts';
import {
  validateCronJob,
  validateJob,
  validateJobUpdate,
  validateStatefulSetUpdate,
  validateWorkload,
  validateWorkloadUpdate,
} from './workloads.ts';

/** What one kind asks of its objects beyond metadata. */
interface KindValidation {
  /** Rule of its names; RFC 1123 subdomain when absent. */
  readonly name?: NameRule;
  readonly object?: (object: Json) => FieldError[];
  readonly update?: (object: Json, held: Json) => FieldError[];
}

const workload: KindValidation = { object: validateWorkload, update: validateWorkloadUpdate };
const access = 'rbac.authorization.k8s.io';
const binding: KindValidation = {
  name: pathSegment,
  object: validateRoleBinding,
  update: validateRoleBindingUpdate,
};

const kinds: ReadonlyMap<string, KindValidation> = new Map<string, KindValidation>([
  ['/Namespace', { name: dnsLabel, object: validateNamespace }],
  ['/Node', { object: validateNode, update: validateNodeUpdate }],
  ['/Pod', { object: validatePod, update: validatePodUpdate }],
  [
    '/ConfigMap',
    { object: validateConfigMap, update: validateImmutableData('data', 'binaryData') },
  ],
  ['/Secret', { object: validateSecret, update: validateSecretUpdate }],
  ['/Event', { object: validateEvent }],
  ['/Service', { name: dns1035Label, object: validateService, update: validateServiceUpdate }],
  [
    '/PersistentVolume',
    { object: validatePersistentVolume, update: validatePersistentVolumeUpdate },
  ],
  [
    '/PersistentVolumeClaim',
    { object: validatePersistentVolumeClaim, update: validatePersistentVolumeClaimUpdate },
  ],
  ['apps/Deployment', workload],
  ['apps/ReplicaSet', workload],
  ['apps/DaemonSet', workload],
  ['apps/StatefulSet', { object: validateWorkload, update: validateStatefulSetUpdate }],
  ['batch/Job', { object: validateJob, update: validateJobUpdate }],
  ['batch/CronJob', { object: validateCronJob }],
  ['coordination.k8s.io/Lease', { object: validateLease }],
  [
    'certificates.k8s.io/CertificateSigningRequest',
    {
      name: pathSegment,
      object: validateSigningRequest,
      update: validateSigningRequestUpdate,
    },
  ],
  [
    'discovery.k8s.io/EndpointSlice',
    { object: validateEndpointSlice, update: validateEndpointSliceUpdate },
  ],
  ['networking.k8s.io/NetworkPolicy', { object: validateNetworkPolicy }],
  [
    'node.k8s.io/RuntimeClass',
    { object: validateRuntimeClass, update: validateRuntimeClassUpdate },
  ],
  [
    'scheduling.k8s.io/PriorityClass',
    { object: validatePriorityClass, update: validatePriorityClassUpdate },
  ],
  [
    'storage.k8s.io/StorageClass',
    { object: validateStorageClass, update: validateStorageClassUpdate },
  ],
  [`${access}/Role`, { name: pathSegment, object: validateRole(true) }],
  [`${access}/ClusterRole`, { name: pathSegment, object: validateRole(false) }],
  [`${access}/RoleBinding`, binding],
  [`${access}/ClusterRoleBinding`, binding],
]);

/**
 * What is wrong with an object, in the words of the reference server; nothing wrong is an empty list.
 *
 * Defaults must have been filled in, types checked and a name made before. With `held`, the object as
 * it is stored, also what the update may not do. Objects of kinds that are no built-in ones are
 * checked as to their metadata only: their schema says the rest.
 */
export function validateObject(
  group: string,
  kind: string,
  object: Json,
  held?: Json,
): FieldError[] {
  const rules = kinds.get(`${group}/${kind}`) ?? {};
  const metadata = objectAt(object, 'metadata') ?? {};
  const isBuiltin = builtinSchema(group, kind) !== undefined;
  return [
    ...validateMetadata(metadata, rules.name ?? dnsSubdomain),
    ...(isBuiltin ? validateFinalizerOwners(metadata) : []),
    ...(rules.object?.(object) ?? []),
    ...(isObject(held)
      ? [
          ...validateMetadataUpdate(metadata, valueAt(held, 'metadata')),
          ...(rules.update?.(object, held) ?? []),
        ]
      : []),
  ];
}
