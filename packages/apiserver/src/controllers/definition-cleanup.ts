import type { Requeue } from '@skerry/shared/workqueue';
import { cleanupFinalizer, definitionsStorage } from '../kinds/definition.ts';
import { definedResources } from '../registry/definition.ts';
import type { RestParts } from '../rest/call.ts';
import { remove } from '../rest/delete.ts';
import type { Held } from '../storage/held.ts';
import { StatusError } from '../status-error.ts';
import { internalCall } from './internal-call.ts';
import { reconcile } from './reconcile.ts';

/** How soon a definition is looked at again whose objects have finalizers, milliseconds. */
const stillEmptyingMs = 500;

/** Deletes the objects of a definition that is deleted, then lets it go. */
export async function runDefinitionCleanup(parts: RestParts, signal: AbortSignal): Promise<void> {
  const turn = (name: string): Promise<Requeue> => turnOf(parts, name);
  const sources = { [definitionsStorage]: ({ name }: Held) => [name] };
  await reconcile({ ...parts, sources, turn }, signal);
}

async function turnOf(parts: RestParts, name: string): Promise<Requeue> {
  const held = parts.store.get({ resource: definitionsStorage, namespace: '', name });
  const definition = held?.parse();
  if (definition?.metadata.deletionTimestamp === undefined) return undefined;
  const [resource] = definedResources(definition);
  if (!resource) return letGo(parts, name);
  await Promise.all(
    parts.store.list(resource.storage).map(async (object) => {
      const call = internalCall(resource, object);
      await remove(parts, call, object, { dryRun: false, propagation: 'Background' }).catch(
        ignoreGone,
      );
    }),
  );
  if (parts.store.list(resource.storage).length > 0) return { afterMs: stillEmptyingMs };
  return letGo(parts, name);
}

async function letGo({ store }: RestParts, name: string): Promise<Requeue> {
  await store.change({ resource: definitionsStorage, namespace: '', name }, (held) => {
    const object = held?.parse();
    if (!object) return { do: 'keep' };
    const { finalizers = [] } = object.metadata;
    object.metadata.finalizers = finalizers.filter((finalizer) => finalizer !== cleanupFinalizer);
    return { do: object.metadata.finalizers.length === 0 ? 'remove' : 'put', object };
  });
  return undefined;
}

function ignoreGone(error: unknown): undefined {
  if (error instanceof StatusError && error.status === 404) return undefined;
  throw error;
}
