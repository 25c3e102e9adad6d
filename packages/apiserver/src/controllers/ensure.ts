import type { JsonObject, KubeObject } from '../json.ts';
import { isNamespaceTerminating } from '../refusals.ts';
import type { RestParts } from '../rest/call.ts';
import { create } from '../rest/create.ts';
import { StatusError } from '../status-error.ts';
import { internalCall } from './internal-call.ts';

interface Where {
  readonly plural: string;
  /** Absent: the core group. */
  readonly group?: string;
  /** Absent: the object belongs to the cluster. */
  readonly namespace?: string;
}

/** Makes an object that a cluster is to have, unless there is one of its name, whatever it says. */
export async function ensure(
  parts: RestParts,
  { plural, group = '', namespace = '' }: Where,
  body: JsonObject & Pick<KubeObject, 'metadata'>,
): Promise<void> {
  const { name = '' } = body.metadata;
  const resource = parts.registry.find(group, 'v1', plural);
  if (!resource || parts.store.get({ resource: resource.storage, namespace, name })) return;
  try {
    await create(parts, internalCall(resource, { namespace, body }));
  } catch (error) {
    if (!(error instanceof StatusError && isSettled(error))) throw error;
  }
}

/** Somebody else made it, or its namespace has begun to go: nothing is left to do. */
function isSettled(error: StatusError): boolean {
  return error.status === 409 || error.status === 404 || isNamespaceTerminating(error);
}
