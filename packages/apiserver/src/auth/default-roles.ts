import { isObject, listAt, type Json, type JsonObject, type KubeObject } from '../json.ts';
import { printRule, rulesIn, uncovered, type PolicyRule } from './policy-rule.ts';
import { rbacGroup } from './rbac.ts';

/*
 * One block a role, one line a rule:
 *
 *   NAME [aggregates LABEL | joins LABEL]
 *     VERBS GROUPS RESOURCE…       the core group is called core; lists are joined by commas
 *     VERBS paths PATH…
 *     bound to KIND/NAME…          makes the ClusterRoleBinding of the same name
 */
const read = 'get,list,watch';
const write = 'create,delete,deletecollection,patch,update';
const workloads = `deployments deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale daemonsets`;

const everyday = `
cluster-admin
  * * *
  * paths *
  bound to Group/system:masters

system:discovery
  get paths /api /api/* /apis /apis/* /healthz /livez /readyz /openapi /openapi/* /version /version/
  bound to Group/system:authenticated

system:basic-user
  create authorization.k8s.io selfsubjectaccessreviews selfsubjectrulesreviews
  create authentication.k8s.io selfsubjectreviews
  bound to Group/system:authenticated

system:public-info-viewer
  get paths /healthz /livez /readyz /version /version/
  bound to Group/system:authenticated Group/system:unauthenticated

system:service-account-issuer-discovery
  get paths /.well-known/openid-configuration /openid/v1/jwks
  bound to Group/system:serviceaccounts

system:monitoring
  get paths /healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*
  bound to Group/system:monitoring

system:auth-delegator
  create authentication.k8s.io tokenreviews
  create authorization.k8s.io subjectaccessreviews
`;

const people = `
admin aggregates admin

edit joins admin aggregates edit

view joins edit aggregates view

system:aggregate-to-admin joins admin
  create authorization.k8s.io localsubjectaccessreviews
  ${read},${write} ${rbacGroup} roles rolebindings

system:aggregate-to-edit joins edit
  ${read} core pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy
  impersonate core serviceaccounts
  ${write} core pods pods/attach pods/exec pods/portforward pods/proxy
  create core pods/eviction serviceaccounts/token
  ${write} core configmaps events endpoints persistentvolumeclaims secrets serviceaccounts services services/proxy
  ${write} apps ${workloads}
  ${write} batch cronjobs jobs
  ${write} networking.k8s.io networkpolicies
  ${write} policy poddisruptionbudgets
  ${read},${write} coordination.k8s.io leases

system:aggregate-to-view joins view
  ${read} core configmaps endpoints events namespaces namespaces/status persistentvolumeclaims persistentvolumeclaims/status pods pods/log pods/status serviceaccounts services services/status
  ${read} apps controllerrevisions ${workloads} deployments/status replicasets/status statefulsets/status daemonsets/status
  ${read} batch cronjobs cronjobs/status jobs jobs/status
  ${read} discovery.k8s.io endpointslices
  ${read} networking.k8s.io networkpolicies
  ${read} policy poddisruptionbudgets poddisruptionbudgets/status
`;

const machines = `
system:node
  create authentication.k8s.io tokenreviews
  create authorization.k8s.io localsubjectaccessreviews subjectaccessreviews
  ${read} core services
  create,get,list,watch core nodes
  patch,update core nodes nodes/status
  create,patch,update core events
  create,delete,${read} core pods
  patch,update core pods/status
  create core pods/eviction serviceaccounts/token
  ${read} core configmaps secrets persistentvolumeclaims persistentvolumes
  create,delete,get,patch,update coordination.k8s.io leases
  create,get,list,watch certificates.k8s.io certificatesigningrequests
  ${read} node.k8s.io runtimeclasses

system:node-proxier
  list,watch core services nodes
  get core nodes
  list,watch discovery.k8s.io endpointslices
  create,patch,update core,events.k8s.io events
  bound to User/system:kube-proxy

system:kube-scheduler
  create,patch,update core,events.k8s.io events
  ${read} core nodes namespaces persistentvolumeclaims persistentvolumes services replicationcontrollers
  delete,${read} core pods
  create core bindings pods/binding
  patch,update core pods/status
  ${read} apps replicasets statefulsets
  ${read} storage.k8s.io storageclasses
  create,get,list,patch,update,watch coordination.k8s.io leases
  bound to User/system:kube-scheduler

system:node-bootstrapper
  create,get,list,watch certificates.k8s.io certificatesigningrequests

system:certificates.k8s.io:kube-apiserver-client-approver
  approve certificates.k8s.io signers=kubernetes.io/kube-apiserver-client
`;

const autoupdate = 'rbac.authorization.kubernetes.io/autoupdate';
const aggregation = 'rbac.authorization.k8s.io/aggregate-to-';

interface Described {
  readonly role: KubeObject;
  readonly binding: KubeObject | undefined;
}

const described = [everyday, people, machines]
  .flatMap((text) => text.trim().split('\n\n'))
  .map((block) => describe(block.split('\n').map((line) => line.trim())));

/**
 * The ClusterRoles that every cluster has.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
 */
export const defaultRoles: readonly KubeObject[] = described.map(({ role }) => role);
export const defaultBindings: readonly KubeObject[] = described.flatMap(
  ({ binding }) => binding ?? [],
);

/** Whether the server mends an object of its own that somebody has changed. */
export function isMended({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[autoupdate] === 'true';
}

/** A role as it is, with the default's rules that it lacks; undefined when it lacks none. */
export function mendedRole(held: KubeObject, wanted: KubeObject): KubeObject | undefined {
  const missing = uncovered(rulesIn(held), rulesIn(wanted));
  if (missing.length === 0) return undefined;
  return { ...held, rules: [...listAt(held, 'rules'), ...missing.map(printRule)] };
}

/** A binding as it is, with the default's subjects that it lacks; undefined when it lacks none. */
export function mendedBinding(held: KubeObject, wanted: KubeObject): KubeObject | undefined {
  const subjects = listAt(held, 'subjects');
  const missing = listAt(wanted, 'subjects').filter(
    (subject) => !subjects.some((other) => isSame(other, subject)),
  );
  return missing.length === 0 ? undefined : { ...held, subjects: [...subjects, ...missing] };
}

function isSame(a: Json, b: Json): boolean {
  return isObject(a) && isObject(b) && a['kind'] === b['kind'] && a['name'] === b['name'];
}

function describe([head = '', ...lines]: readonly string[]): Described {
  const [name = '', ...words] = head.split(' ');
  const after = (word: string): string | undefined =>
    words.includes(word) ? words[words.indexOf(word) + 1] : undefined;
  const joins = after('joins');
  const aggregates = after('aggregates');
  const subjects = lines.filter((line) => line.startsWith('bound to ')).flatMap(subjectsIn);
  const rules = lines.filter((line) => !line.startsWith('bound to ')).map(ruleIn);
  const envelope = (kind: string, labels: Readonly<Record<string, string>>): KubeObject => ({
    apiVersion: `${rbacGroup}/v1`,
    kind,
    metadata: {
      name,
      labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
      annotations: { [autoupdate]: 'true' },
    },
  });
  const role: KubeObject = {
    ...envelope('ClusterRole', joins === undefined ? {} : { [aggregation + joins]: 'true' }),
    ...(aggregates === undefined
      ? { rules: rules.map(printRule) }
      : { aggregationRule: { clusterRoleSelectors: [labelled(aggregates)] } }),
  };
  if (subjects.length === 0) return { role, binding: undefined };
  const roleRef = { apiGroup: rbacGroup, kind: 'ClusterRole', name };
  return { role, binding: { ...envelope('ClusterRoleBinding', {}), subjects, roleRef } };
}

function labelled(name: string): JsonObject {
  return { matchLabels: { [aggregation + name]: 'true' } };
}

function subjectsIn(line: string): JsonObject[] {
  return line
    .slice('bound to '.length)
    .split(' ')
    .map((subject) => {
      const [kind = '', name = ''] = subject.split('/');
      return { kind, apiGroup: rbacGroup, name };
    });
}

/** `VERBS GROUPS RESOURCE…`; `RESOURCE=NAME` is about one object. */
function ruleIn(line: string): PolicyRule {
  const [verbs = '', groups = '', ...targets] = line.split(' ');
  const none = { apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] };
  if (groups === 'paths') return { ...none, verbs: verbs.split(','), nonResourceURLs: targets };
  return {
    ...none,
    verbs: verbs.split(','),
    apiGroups: groups.split(',').map((group) => (group === 'core' ? '' : group)),
    resources: targets.map((target) => target.split('=')[0] ?? ''),
    resourceNames: targets.flatMap((target) => target.split('=').slice(1)),
  };
}
