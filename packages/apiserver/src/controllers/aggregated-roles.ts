import type { Requeue } from '@skerry/shared/workqueue';
import { roleStorage } from '../auth/rbac.ts';
import { listAt, sameJson, valueAt, type Json, type KubeObject } from '../json.ts';
import type { RestParts } from '../rest/call.ts';
import { matchesLabels } from '../rest/label-selector.ts';
import { requirementsOf } from '../rest/object-selector.ts';
import type { Decision, ObjectStore } from '../storage/object-store.ts';
import { reconcile } from './reconcile.ts';

const storage = roleStorage.ClusterRole;

/**
 * Keeps the rules of a ClusterRole with an `aggregationRule` equal to those of the roles it selects.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
 */
export async function runAggregatedRoles(parts: RestParts, signal: AbortSignal): Promise<void> {
  const { store } = parts;
  const sources = {
    [storage]: () =>
      store
        .list(storage)
        .filter((held) => isAggregated(held.parse()))
        .map(({ name }) => name),
  };
  const turn = (name: string): Promise<Requeue> => aggregate(store, name);
  await reconcile({ ...parts, sources, turn }, signal);
}

/** Fills every aggregated role at once, so that nobody meets one without its rules. */
export async function aggregateRoles({ store }: RestParts): Promise<void> {
  // A role that others are made of may itself be made of others: view is in edit, edit in admin.
  for (const name of ['view', 'edit', 'admin']) await aggregate(store, name);
}

async function aggregate(store: ObjectStore, name: string): Promise<Requeue> {
  await store.change({ resource: storage, namespace: '', name }, (held): Decision => {
    const role = held?.parse();
    if (!role || !isAggregated(role)) return { do: 'keep' };
    const rules = rulesFor(store, role);
    if (sameJson(rules, listAt(role, 'rules'))) return { do: 'keep' };
    return { do: 'put', object: { ...role, rules } };
  });
  return undefined;
}

function isAggregated(role: KubeObject): boolean {
  return valueAt(role, 'aggregationRule') !== undefined;
}

function rulesFor(store: ObjectStore, role: KubeObject): Json[] {
  const selectors = listAt(role, 'aggregationRule', 'clusterRoleSelectors').map(requirementsOf);
  const rules = store
    .list(storage)
    .filter(({ name }) => name !== role.metadata.name)
    .filter(({ labels }) => selectors.some((selector) => matchesLabels(selector, labels)))
    .flatMap((held) => listAt(held.parse(), 'rules'));
  return rules.filter((rule, at) => rules.findIndex((other) => sameJson(other, rule)) === at);
}
