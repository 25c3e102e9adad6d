import { defaultRoleBinding } from '../defaults/access.ts';
import { defaultSecret } from '../defaults/secret.ts';
import { defaultEndpoints, defaultService } from '../defaults/service.ts';
import {
  defaultEndpointSlice,
  defaultNetworkPolicy,
  defaultPriorityClass,
  defaultRuntimeClass,
  defaultStorageClass,
} from '../defaults/site-kinds.ts';
import {
  defaultCronJob,
  defaultDaemonSet,
  defaultDeployment,
  defaultReplicaSet,
  defaultStatefulSet,
} from '../defaults/workload.ts';
import type { Resource } from '../registry/resource.ts';
import { definitionRules, definitionsStorage } from './definition.ts';
import { jobRules } from './job.ts';
import type { KindRules } from './kind-rules.ts';
import { namespaceRules } from './namespace.ts';
import { podRules } from './pod.ts';
import { signingRequestRules, signingRequestStorage } from './signing-request.ts';
import { persistentVolumeClaimRules, persistentVolumeRules } from './storage.ts';

const builtinRules: Readonly<Record<string, KindRules>> = {
  namespaces: namespaceRules,
  pods: podRules,
  secrets: { defaults: defaultSecret },
  endpoints: { defaults: defaultEndpoints },
  services: { defaults: defaultService, deletedAnswer: 'object' },
  serviceaccounts: { deletedAnswer: 'object' },
  persistentvolumes: persistentVolumeRules,
  persistentvolumeclaims: persistentVolumeClaimRules,
  'deployments.apps': { defaults: defaultDeployment },
  'replicasets.apps': { defaults: defaultReplicaSet },
  'daemonsets.apps': { defaults: defaultDaemonSet },
  'statefulsets.apps': { defaults: defaultStatefulSet },
  'jobs.batch': jobRules,
  'cronjobs.batch': { defaults: defaultCronJob },
  'rolebindings.rbac.authorization.k8s.io': { defaults: defaultRoleBinding },
  'clusterrolebindings.rbac.authorization.k8s.io': { defaults: defaultRoleBinding },
  [signingRequestStorage]: signingRequestRules,
  'endpointslices.discovery.k8s.io': { defaults: defaultEndpointSlice },
  'networkpolicies.networking.k8s.io': { defaults: defaultNetworkPolicy },
  'priorityclasses.scheduling.k8s.io': { defaults: defaultPriorityClass },
  'runtimeclasses.node.k8s.io': { defaults: defaultRuntimeClass },
  'storageclasses.storage.k8s.io': { defaults: defaultStorageClass },
  [definitionsStorage]: definitionRules,
};
const noRules: KindRules = {};

/** The rules of a resource; most have none. */
export function rulesOf({ storage }: Pick<Resource, 'storage'>): KindRules {
  return builtinRules[storage] ?? noRules;
}
