import { methodNotAllowed } from '../refusals.ts';
import type { Verb } from '../registry/resource.ts';
import type { Answer } from './answer.ts';
import { bind } from './binding.ts';
import type { Call, RestParts } from './call.ts';
import { create } from './create.ts';
import { deleteCollection } from './delete-collection.ts';
import { deleteOne } from './delete.ts';
import { evict } from './eviction.ts';
import { get } from './get.ts';
import { list } from './list.ts';
import { patch } from './patch.ts';
import { review } from './reviews.ts';
import { getScale, patchScale, updateScale } from './scale.ts';
import { requestToken } from './token-request.ts';
import { update } from './update.ts';
import { watch } from './watch.ts';

type Handler = (parts: RestParts, call: Call) => Answer | Promise<Answer>;

const objectVerbs: Readonly<Record<Verb, Handler>> = {
  create,
  delete: deleteOne,
  deletecollection: deleteCollection,
  get,
  list,
  patch,
  update,
  watch,
};

const subresourceVerbs: Readonly<Record<string, Partial<Record<Verb, Handler>>>> = {
  status: { get, patch, update },
  approval: { get, patch, update },
  finalize: { update },
  scale: { get: getScale, patch: patchScale, update: updateScale },
  binding: { create: bind },
  eviction: { create: evict },
  token: { create: requestToken },
};

/** Verbs of an object rather than of its collection; a watch may be of either. */
const onNames: readonly Verb[] = ['get', 'update', 'patch', 'delete'];

/** Carries out one call. Throws StatusError to refuse it. */
export async function dispatch(parts: RestParts, call: Call, verb: Verb): Promise<Answer> {
  const { resource, subresource } = call;
  if (!(subresource ?? resource).verbs.includes(verb)) throw methodNotAllowed();
  if (!subresource && verb !== 'watch' && onNames.includes(verb) !== (call.name !== ''))
    throw methodNotAllowed();
  if (resource.storage === '') return review(parts, call);
  const handler = subresource ? subresourceVerbs[subresource.name]?.[verb] : objectVerbs[verb];
  if (!handler) throw methodNotAllowed();
  return await handler(parts, call);
}
