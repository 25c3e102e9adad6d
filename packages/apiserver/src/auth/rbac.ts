import { listAt, textAt, type Json } from '../json.ts';
import type { Held, StorageKey } from '../storage/held.ts';
import type { Attributes, Authorizer, Decision } from './authorize.ts';
import { allows, rulesIn, type PolicyRule } from './policy-rule.ts';
import { accountUserName, masters, type User } from './user.ts';

/** Where roles and bindings are kept. */
export interface RoleObjects {
  get(key: StorageKey): Held | undefined;
  list(resource: string, namespace?: string): readonly Held[];
}

export const rbacGroup = 'rbac.authorization.k8s.io';
/** Where each kind is kept. */
export const roleStorage: Readonly<Record<RoleKind, string>> = {
  Role: `roles.${rbacGroup}`,
  ClusterRole: `clusterroles.${rbacGroup}`,
  RoleBinding: `rolebindings.${rbacGroup}`,
  ClusterRoleBinding: `clusterrolebindings.${rbacGroup}`,
};

type RoleKind = 'Role' | 'ClusterRole' | 'RoleBinding' | 'ClusterRoleBinding';

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

interface Binding {
  readonly subjects: readonly Subject[];
  readonly role: { readonly kind: string; readonly name: string };
}

/** A role that somebody has, and how they came to it. */
interface Grant {
  readonly rules: readonly PolicyRule[];
  /** For example `ClusterRoleBinding "edit" of ClusterRole "edit" to Group "team"`. */
  readonly by: string;
}

/** What members of `system:masters` may do, whatever the roles say: they can mend the roles. */
const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'], resourceNames: [], nonResourceURLs: [] },
  { verbs: ['*'], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: ['*'] },
];

/**
 * Role-based access control: what is not granted by a binding is refused. Roles and bindings count from
 * the moment they are written.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/
 */
export class Rbac implements Authorizer {
  readonly #objects: RoleObjects;
  /** Each version of an object is taken apart once. */
  readonly #bindings = new WeakMap<Held, Binding>();
  readonly #rules = new WeakMap<Held, readonly PolicyRule[]>();

  constructor(objects: RoleObjects) {
    this.#objects = objects;
  }

  decide(user: User, attributes: Attributes): Decision {
    if (user.groups.includes(masters)) return { allowed: true, reason: '' };
    const namespace = 'path' in attributes ? '' : attributes.namespace;
    for (const { rules, by } of this.#grants(user, namespace))
      if (rules.some((rule) => allows(rule, attributes)))
        return { allowed: true, reason: `RBAC: allowed by ${by}` };
    return { allowed: false, reason: '' };
  }

  /** Everything that a user may do in a namespace, the cluster's rules included. */
  rulesFor(user: User, namespace: string): readonly PolicyRule[] {
    if (user.groups.includes(masters)) return everything;
    return [...this.#grants(user, namespace)].flatMap(({ rules }) => rules);
  }

  /** The rules of the role that a binding in `namespace` refers to; undefined when there is none. */
  rulesOf(kind: string, name: string, namespace: string): readonly PolicyRule[] | undefined {
    const isClusterRole = kind === 'ClusterRole';
    const held = this.#objects.get({
      resource: isClusterRole ? roleStorage.ClusterRole : roleStorage.Role,
      namespace: isClusterRole ? '' : namespace,
      name,
    });
    return held && this.#rulesIn(held);
  }

  *#grants(user: User, namespace: string): Generator<Grant, void> {
    const { ClusterRoleBinding, RoleBinding } = roleStorage;
    for (const held of this.#objects.list(ClusterRoleBinding))
      yield* this.#grant(user, held, 'ClusterRoleBinding');
    if (namespace === '') return;
    for (const held of this.#objects.list(RoleBinding, namespace))
      yield* this.#grant(user, held, 'RoleBinding');
  }

  *#grant(user: User, held: Held, kind: string): Generator<Grant, void> {
    const { subjects, role } = this.#bindingIn(held);
    const subject = subjects.find((candidate) => isSubject(user, candidate, held.namespace));
    if (!subject) return;
    const rules = this.rulesOf(role.kind, role.name, held.namespace);
    if (!rules) return;
    const binding = held.namespace === '' ? held.name : `${held.name}/${held.namespace}`;
    const to = `${subject.kind} "${subject.name}${subject.namespace === '' ? '' : `/${subject.namespace}`}"`;
    yield { rules, by: `${kind} "${binding}" of ${role.kind} "${role.name}" to ${to}` };
  }

  #bindingIn(held: Held): Binding {
    const known = this.#bindings.get(held);
    if (known) return known;
    const binding = readBinding(held.parse());
    this.#bindings.set(held, binding);
    return binding;
  }

  #rulesIn(held: Held): readonly PolicyRule[] {
    const known = this.#rules.get(held);
    if (known) return known;
    const rules = rulesIn(held.parse());
    this.#rules.set(held, rules);
    return rules;
  }
}

function readBinding(binding: Json): Binding {
  return {
    subjects: listAt(binding, 'subjects').map((subject) => ({
      kind: textAt(subject, 'kind') ?? '',
      name: textAt(subject, 'name') ?? '',
      namespace: textAt(subject, 'namespace') ?? '',
    })),
    role: {
      kind: textAt(binding, 'roleRef', 'kind') ?? '',
      name: textAt(binding, 'roleRef', 'name') ?? '',
    },
  };
}

function isSubject(user: User, { kind, name, namespace }: Subject, inside: string): boolean {
  switch (kind) {
    case 'User':
      return user.name === name;
    case 'Group':
      return user.groups.includes(name);
    case 'ServiceAccount':
      return user.name === accountUserName(namespace === '' ? inside : namespace, name);
    default:
      return false;
  }
}
