import {
  defaultBindings,
  defaultRoles,
  isMended,
  mendedBinding,
  mendedRole,
} from '../auth/default-roles.ts';
import { roleStorage } from '../auth/rbac.ts';
import { valueAt, type KubeObject } from '../json.ts';
import type { RestParts } from '../rest/call.ts';
import { create } from '../rest/create.ts';
import type { Decision } from '../storage/object-store.ts';
import { aggregateRoles } from './aggregated-roles.ts';
import { internalCall } from './internal-call.ts';

/**
 * Makes the roles and bindings that every cluster has, and gives back to them what they have lost. An
 * object annotated `rbac.authorization.kubernetes.io/autoupdate: "false"` is left as it is.
 */
export async function makeDefaultRoles(parts: RestParts): Promise<void> {
  await Promise.all([
    ...defaultRoles.map((role) => ensure(parts, role, mendedRole)),
    ...defaultBindings.map((binding) => ensure(parts, binding, mendedBinding)),
  ]);
  await aggregateRoles(parts);
}

async function ensure(
  parts: RestParts,
  wanted: KubeObject,
  mended: (held: KubeObject, wanted: KubeObject) => KubeObject | undefined,
): Promise<void> {
  const storage = roleStorage[wanted.kind as 'ClusterRole' | 'ClusterRoleBinding'];
  const [plural = '', ...group] = storage.split('.');
  const key = { resource: storage, namespace: '', name: wanted.metadata.name ?? '' };
  const resource = parts.registry.find(group.join('.'), 'v1', plural);
  if (!resource) return;
  if (!parts.store.get(key)) {
    await create(parts, internalCall(resource, { namespace: '', body: wanted }));
    return;
  }
  if (valueAt(wanted, 'aggregationRule') !== undefined) return; // its rules come from others
  await parts.store.change(key, (held): Decision => {
    const object = held?.parse();
    const next = object && isMended(object) ? mended(object, wanted) : undefined;
    return next ? { do: 'put', object: next } : { do: 'keep' };
  });
}
