import type { Requeue } from '@skerry/shared/workqueue';
import { isObject } from '../json.ts';
import { rulesOf } from '../kinds/rules-of.ts';
import type { Resource } from '../registry/resource.ts';
import type { RestParts } from '../rest/call.ts';
import { remove } from '../rest/delete.ts';
import { isReleased } from '../rest/removal.ts';
import type { Held } from '../storage/held.ts';
import { StatusError } from '../status-error.ts';
import { ensure } from './ensure.ts';
import { internalCall } from './internal-call.ts';
import { reconcile } from './reconcile.ts';

/** Namespaces that every cluster has. */
const builtinNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const;
/** How soon a namespace is looked at again whose pods are still ending, milliseconds. */
const stillEmptyingMs = 500;

interface NamespaceParts extends RestParts {
  /** PEM; what pods verify the API server with. */
  readonly authority: string;
}

/** Furnishes new namespaces and empties those that are deleted. */
export async function runNamespaces(parts: NamespaceParts, signal: AbortSignal): Promise<void> {
  const turn = (name: string): Promise<Requeue> => turnOf(parts, name);
  const sources = { namespaces: ({ name }: Held) => [name] };
  await reconcile({ ...parts, sources, turn }, signal);
}

/** Makes the namespaces that every cluster has, where they are missing. */
export async function makeBuiltinNamespaces(parts: RestParts): Promise<void> {
  for (const name of builtinNamespaces)
    await ensure(parts, { plural: 'namespaces' }, { metadata: { name } });
}

async function turnOf(parts: NamespaceParts, name: string): Promise<Requeue> {
  const held = parts.store.get({ resource: 'namespaces', namespace: '', name });
  if (!held) return undefined;
  const deleting = held.parse().metadata.deletionTimestamp !== undefined;
  if (deleting)
    return (await empty(parts, name)) ? release(parts, name) : { afterMs: stillEmptyingMs };
  await furnish(parts, name);
  return undefined;
}

/** What pods of any namespace count on. */
async function furnish(parts: NamespaceParts, namespace: string): Promise<void> {
  await ensure(parts, { plural: 'serviceaccounts', namespace }, { metadata: { name: 'default' } });
  await ensure(
    parts,
    { plural: 'configmaps', namespace },
    {
      metadata: {
        name: 'kube-root-ca.crt',
        annotations: { 'kubernetes.io/description': 'Verifies connections to the API server.' },
      },
      data: { 'ca.crt': parts.authority },
    },
  );
}

/** Deletes everything in a namespace; true when nothing is left. */
async function empty(parts: RestParts, namespace: string): Promise<boolean> {
  const resources = storedOnce(parts.registry.all.filter(({ namespaced }) => namespaced));
  const left = await Promise.all(
    resources.map(async (resource) => {
      const call = internalCall(resource, { namespace });
      await Promise.all(
        parts.store
          .list(resource.storage, namespace)
          .map((held) =>
            remove(parts, call, held, { dryRun: false, propagation: 'Background' }).catch(
              ignoreGone,
            ),
          ),
      );
      return parts.store.list(resource.storage, namespace).length;
    }),
  );
  return left.every((count) => count === 0);
}

function storedOnce(resources: readonly Resource[]): readonly Resource[] {
  const stored = resources.filter(({ storage }) => storage !== '');
  return [...new Map(stored.map((resource) => [resource.storage, resource])).values()];
}

function ignoreGone(error: unknown): undefined {
  if (error instanceof StatusError && error.status === 404) return undefined;
  throw error;
}

async function release({ store }: RestParts, name: string): Promise<Requeue> {
  const rules = rulesOf({ storage: 'namespaces' });
  await store.change({ resource: 'namespaces', namespace: '', name }, (held) => {
    if (!held) return { do: 'keep' };
    const object = held.parse();
    const spec = isObject(object['spec']) ? object['spec'] : {};
    object['spec'] = { ...spec, finalizers: [] };
    return { do: isReleased(object, rules) ? 'remove' : 'put', object };
  });
  return undefined;
}
