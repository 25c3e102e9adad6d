import { resourceName, type ObjectKey, type ResourceName } from '@skerry/shared/names';
import { keyParts } from '@skerry/shared/names';

/** A kind of object and where the API serves it. */
export interface ResourceType {
  readonly name: ResourceName;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** `apiVersion` as objects carry it: `v1`, `devices.kubeedge.io/v1beta1`. */
export function apiVersionOf(type: ResourceType): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/**
 * Path of all objects of a type; of one namespace when given.
 *
 * Source: kubernetes.io/docs/reference/using-api/api-concepts, “Resource URIs”.
 */
export function collectionPath(
  type: Pick<ResourceType, 'group' | 'version' | 'plural'>,
  namespace = '',
): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${scope}/${type.plural}`;
}

/** Path of one object or of a subresource of it. */
export function objectPath(type: ResourceType, key: ObjectKey, subresource = ''): string {
  const { namespace, name } = keyParts(key);
  const path = `${collectionPath(type, namespace)}/${encodeURIComponent(name)}`;
  return subresource === '' ? path : `${path}/${subresource}`;
}

type Scope = 'namespaced' | 'cluster';

function resource(
  group: string,
  version: string,
  plural: string,
  kind: string,
  scope: Scope,
): ResourceType {
  const name = resourceName(plural, group);
  return { name, group, version, plural, kind, namespaced: scope === 'namespaced' };
}

export const pods: ResourceType = resource('', 'v1', 'pods', 'Pod', 'namespaced');
export const configMaps: ResourceType = resource('', 'v1', 'configmaps', 'ConfigMap', 'namespaced');
export const secrets: ResourceType = resource('', 'v1', 'secrets', 'Secret', 'namespaced');
export const serviceAccounts: ResourceType = resource(
  '',
  'v1',
  'serviceaccounts',
  'ServiceAccount',
  'namespaced',
);
export const persistentVolumeClaims: ResourceType = resource(
  '',
  'v1',
  'persistentvolumeclaims',
  'PersistentVolumeClaim',
  'namespaced',
);
export const persistentVolumes: ResourceType = resource(
  '',
  'v1',
  'persistentvolumes',
  'PersistentVolume',
  'cluster',
);
export const nodes: ResourceType = resource('', 'v1', 'nodes', 'Node', 'cluster');
export const events: ResourceType = resource('', 'v1', 'events', 'Event', 'namespaced');
export const cronJobs: ResourceType = resource('batch', 'v1', 'cronjobs', 'CronJob', 'namespaced');
export const jobs: ResourceType = resource('batch', 'v1', 'jobs', 'Job', 'namespaced');
export const leases: ResourceType = resource(
  'coordination.k8s.io',
  'v1',
  'leases',
  'Lease',
  'namespaced',
);
export const devices: ResourceType = resource(
  'devices.kubeedge.io',
  'v1beta1',
  'devices',
  'Device',
  'namespaced',
);
export const deviceModels: ResourceType = resource(
  'devices.kubeedge.io',
  'v1beta1',
  'devicemodels',
  'DeviceModel',
  'namespaced',
);
const rbac = 'rbac.authorization.k8s.io';
export const roles: ResourceType = resource(rbac, 'v1', 'roles', 'Role', 'namespaced');
export const clusterRoles: ResourceType = resource(
  rbac,
  'v1',
  'clusterroles',
  'ClusterRole',
  'cluster',
);
export const roleBindings: ResourceType = resource(
  rbac,
  'v1',
  'rolebindings',
  'RoleBinding',
  'namespaced',
);
export const clusterRoleBindings: ResourceType = resource(
  rbac,
  'v1',
  'clusterrolebindings',
  'ClusterRoleBinding',
  'cluster',
);
export const nodeSyncs: ResourceType = resource(
  'edge.skerry.io',
  'v1alpha1',
  'nodesyncs',
  'NodeSync',
  'cluster',
);
export const statusJudgements: ResourceType = resource(
  'edge.skerry.io',
  'v1alpha1',
  'statusjudgements',
  'StatusJudgement',
  'cluster',
);
export const alertRules: ResourceType = resource(
  'edge.skerry.io',
  'v1alpha1',
  'alertrules',
  'AlertRule',
  'cluster',
);
export const silences: ResourceType = resource(
  'edge.skerry.io',
  'v1alpha1',
  'silences',
  'Silence',
  'cluster',
);
export const alerts: ResourceType = resource(
  'edge.skerry.io',
  'v1alpha1',
  'alerts',
  'Alert',
  'cluster',
);
/** Asked by being created, and never stored. */
export const tokenReviews: ResourceType = resource(
  'authentication.k8s.io',
  'v1',
  'tokenreviews',
  'TokenReview',
  'cluster',
);
export const subjectAccessReviews: ResourceType = resource(
  'authorization.k8s.io',
  'v1',
  'subjectaccessreviews',
  'SubjectAccessReview',
  'cluster',
);
