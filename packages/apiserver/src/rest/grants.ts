import { rulesIn, uncovered, type PolicyRule } from '../auth/policy-rule.ts';
import { rbacGroup } from '../auth/rbac.ts';
import { sameJson, textAt, valueAt, type KubeObject } from '../json.ts';
import { forbidden, notFound } from '../refusals.ts';
import { subjectOf, type Call, type RestParts } from './call.ts';

/**
 * Nobody gives away what they may not do themselves: not by writing it into a role, unless they may
 * `escalate` it, ...
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
 */
export function checkRole(parts: RestParts, call: Call, role: KubeObject, held?: KubeObject): void {
  const unchanged =
    held !== undefined &&
    sameJson(valueAt(role, 'rules'), valueAt(held, 'rules')) &&
    sameJson(valueAt(role, 'aggregationRule'), valueAt(held, 'aggregationRule'));
  if (unchanged || may(parts, call, 'escalate', call.resource.plural, call.name)) return;
  refuseBeyond(parts, call, role, rulesIn(role));
  if (valueAt(role, 'aggregationRule') !== undefined) refuseBeyond(parts, call, role, [anything]);
}

/** ... nor by binding a role to somebody, unless they may `bind` it. */
export function checkBinding(
  parts: RestParts,
  call: Call,
  binding: KubeObject,
  held?: KubeObject,
): void {
  const unchanged =
    held !== undefined &&
    sameJson(valueAt(binding, 'subjects'), valueAt(held, 'subjects')) &&
    sameJson(valueAt(binding, 'roleRef'), valueAt(held, 'roleRef'));
  const kind = textAt(binding, 'roleRef', 'kind') ?? '';
  const name = textAt(binding, 'roleRef', 'name') ?? '';
  const plural = kind === 'ClusterRole' ? 'clusterroles' : 'roles';
  if (unchanged || may(parts, call, 'bind', plural, name)) return;
  const rules = parts.authorizer.rulesOf(kind, name, call.namespace);
  if (!rules) throw notFound({ group: rbacGroup, plural }, name);
  refuseBeyond(parts, call, binding, rules);
}

const anything: PolicyRule = {
  verbs: ['*'],
  apiGroups: ['*'],
  resources: ['*'],
  resourceNames: [],
  nonResourceURLs: [],
};

function may(
  { authorizer }: RestParts,
  { user, namespace }: Call,
  verb: string,
  resource: string,
  name: string,
): boolean {
  return authorizer.decide(user, { verb, group: rbacGroup, resource, namespace, name }).allowed;
}

function refuseBeyond(
  { authorizer }: RestParts,
  call: Call,
  object: KubeObject,
  wanted: readonly PolicyRule[],
): void {
  const missing = uncovered(authorizer.rulesFor(call.user, call.namespace), wanted);
  if (missing.length === 0) return;
  const { name, groups } = call.user;
  const lines = missing.map(shown).join('\n');
  throw forbidden(
    subjectOf(call),
    object.metadata.name ?? '',
    `user "${name}" (groups=${JSON.stringify(groups)}) is attempting to grant RBAC permissions not currently held:\n${lines}`,
  );
}

/** As Kubernetes prints a rule to people. */
function shown(rule: PolicyRule): string {
  const fields: [string, readonly string[]][] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['ResourceNames', rule.resourceNames],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['Verbs', rule.verbs],
  ];
  const said = fields.filter(([, list]) => list.length > 0);
  return `{${said.map(([field, list]) => `${field}:${JSON.stringify(list)}`).join(', ')}}`;
}
