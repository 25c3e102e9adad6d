import { storedEvent } from './stored-event.ts';
import type { StoredForm, Subresource, Verb } from './resource.ts';

const allButCollections: readonly Verb[] = [
  'create',
  'delete',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** What sets a kind apart; everything else follows from it. */
export interface Row {
  readonly kind: string;
  readonly plural: string;
  readonly short?: readonly string[];
  readonly cluster?: true;
  readonly all?: true;
  readonly status?: true;
  readonly generation?: true;
  readonly verbs?: readonly Verb[];
  readonly subresources?: readonly Subresource[];
  readonly selectable?: Readonly<Record<string, string>>;
  /** Asked and answered, never stored. */
  readonly asked?: true;
  readonly storedAs?: StoredForm;
}

const scale: Subresource = {
  name: 'scale',
  kind: 'Scale',
  group: 'autoscaling',
  version: 'v1',
  verbs: ['get', 'patch', 'update'],
};
const binding: Subresource = { name: 'binding', kind: 'Binding', verbs: ['create'] };
const eviction: Subresource = {
  name: 'eviction',
  kind: 'Eviction',
  group: 'policy',
  version: 'v1',
  verbs: ['create'],
};
const token: Subresource = {
  name: 'token',
  kind: 'TokenRequest',
  group: 'authentication.k8s.io',
  version: 'v1',
  verbs: ['create'],
};
const approval: Subresource = {
  name: 'approval',
  kind: 'CertificateSigningRequest',
  verbs: ['get', 'patch', 'update'],
};
const finalize: Subresource = { name: 'finalize', kind: 'Namespace', verbs: ['update'] };

const podFields = {
  'spec.nodeName': '',
  'spec.restartPolicy': '',
  'spec.schedulerName': '',
  'spec.serviceAccountName': '',
  'spec.hostNetwork': 'false',
  'status.phase': '',
  'status.podIP': '',
  'status.nominatedNodeName': '',
};
const eventFields = {
  'involvedObject.kind': '',
  'involvedObject.namespace': '',
  'involvedObject.name': '',
  'involvedObject.uid': '',
  'involvedObject.apiVersion': '',
  'involvedObject.resourceVersion': '',
  'involvedObject.fieldPath': '',
  reason: '',
  reportingComponent: '',
  type: '',
};

const workload = { all: true, status: true, generation: true } as const;
const ask = { verbs: ['create'], asked: true } as const;
const review = { ...ask, cluster: true } as const;

/** The rows of each group and version. */
export const rows: Readonly<Record<string, readonly Row[]>> = {
  v1: [
    { kind: 'ConfigMap', plural: 'configmaps', short: ['cm'] },
    { kind: 'Endpoints', plural: 'endpoints', short: ['ep'] },
    { kind: 'Event', plural: 'events', short: ['ev'], selectable: eventFields },
    {
      kind: 'Namespace',
      plural: 'namespaces',
      short: ['ns'],
      cluster: true,
      status: true,
      verbs: allButCollections,
      subresources: [finalize],
      selectable: { 'status.phase': '' },
    },
    {
      kind: 'Node',
      plural: 'nodes',
      short: ['no'],
      cluster: true,
      status: true,
      selectable: { 'spec.unschedulable': 'false' },
    },
    {
      kind: 'PersistentVolumeClaim',
      plural: 'persistentvolumeclaims',
      short: ['pvc'],
      status: true,
    },
    {
      kind: 'PersistentVolume',
      plural: 'persistentvolumes',
      short: ['pv'],
      cluster: true,
      status: true,
    },
    {
      kind: 'Pod',
      plural: 'pods',
      short: ['po'],
      ...workload,
      subresources: [binding, eviction],
      selectable: podFields,
    },
    { kind: 'Secret', plural: 'secrets', selectable: { type: '' } },
    {
      kind: 'ServiceAccount',
      plural: 'serviceaccounts',
      short: ['sa'],
      subresources: [token],
    },
    { kind: 'Service', plural: 'services', short: ['svc'], all: true, status: true },
  ],
  'apps/v1': [
    { kind: 'ControllerRevision', plural: 'controllerrevisions' },
    { kind: 'DaemonSet', plural: 'daemonsets', short: ['ds'], ...workload },
    {
      kind: 'Deployment',
      plural: 'deployments',
      short: ['deploy'],
      ...workload,
      subresources: [scale],
    },
    {
      kind: 'ReplicaSet',
      plural: 'replicasets',
      short: ['rs'],
      ...workload,
      subresources: [scale],
      selectable: { 'status.replicas': '0' },
    },
    {
      kind: 'StatefulSet',
      plural: 'statefulsets',
      short: ['sts'],
      ...workload,
      subresources: [scale],
    },
  ],
  'batch/v1': [
    { kind: 'CronJob', plural: 'cronjobs', short: ['cj'], ...workload },
    {
      kind: 'Job',
      plural: 'jobs',
      ...workload,
      selectable: { 'status.successful': '0' },
    },
  ],
  'coordination.k8s.io/v1': [{ kind: 'Lease', plural: 'leases' }],
  'rbac.authorization.k8s.io/v1': [
    { kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', cluster: true },
    { kind: 'ClusterRole', plural: 'clusterroles', cluster: true },
    { kind: 'RoleBinding', plural: 'rolebindings' },
    { kind: 'Role', plural: 'roles' },
  ],
  'apiextensions.k8s.io/v1': [
    {
      kind: 'CustomResourceDefinition',
      plural: 'customresourcedefinitions',
      short: ['crd', 'crds'],
      cluster: true,
      status: true,
      generation: true,
    },
  ],
  'certificates.k8s.io/v1': [
    {
      kind: 'CertificateSigningRequest',
      plural: 'certificatesigningrequests',
      short: ['csr'],
      cluster: true,
      status: true,
      subresources: [approval],
      selectable: { 'spec.signerName': '' },
    },
  ],
  'discovery.k8s.io/v1': [{ kind: 'EndpointSlice', plural: 'endpointslices' }],
  'events.k8s.io/v1': [
    {
      kind: 'Event',
      plural: 'events',
      short: ['ev'],
      selectable: eventFields,
      storedAs: storedEvent,
    },
  ],
  'networking.k8s.io/v1': [{ kind: 'NetworkPolicy', plural: 'networkpolicies', short: ['netpol'] }],
  'node.k8s.io/v1': [{ kind: 'RuntimeClass', plural: 'runtimeclasses', cluster: true }],
  'scheduling.k8s.io/v1': [
    {
      kind: 'PriorityClass',
      plural: 'priorityclasses',
      short: ['pc'],
      cluster: true,
      generation: true,
    },
  ],
  'storage.k8s.io/v1': [
    { kind: 'StorageClass', plural: 'storageclasses', short: ['sc'], cluster: true },
  ],
  'authentication.k8s.io/v1': [
    { kind: 'SelfSubjectReview', plural: 'selfsubjectreviews', ...review },
    { kind: 'TokenReview', plural: 'tokenreviews', ...review },
  ],
  'authorization.k8s.io/v1': [
    { kind: 'LocalSubjectAccessReview', plural: 'localsubjectaccessreviews', ...ask },
    { kind: 'SelfSubjectAccessReview', plural: 'selfsubjectaccessreviews', ...review },
    { kind: 'SelfSubjectRulesReview', plural: 'selfsubjectrulesreviews', ...review },
    { kind: 'SubjectAccessReview', plural: 'subjectaccessreviews', ...review },
  ],
};
