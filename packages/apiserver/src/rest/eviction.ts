import type { Answer } from './answer.ts';
import { keyOf, type Call, type RestParts } from './call.ts';
import { remove } from './delete.ts';
import { deleteOptions } from './delete-options.ts';
import { decodeObject } from './decode.ts';

/**
 * Deletes a pod on behalf of `kubectl drain`. There are no disruption budgets to ask.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
 */
export async function evict(parts: RestParts, call: Call): Promise<Answer> {
  const { deleteOptions: nested = {} } = decodeObject(call);
  const body = { mediaType: 'application/json', json: nested };
  await remove(parts, call, keyOf(call), deleteOptions({ body, query: call.query }));
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  return { type: 'plain', status: 201, body: status };
}
