import type { User } from '@skerry/apiserver/auth/user';
import type { RequestEnd } from '@skerry/apiserver/http/request-end';
import type { Verb } from '@skerry/apiserver/registry/resource';
import type { Answer } from '@skerry/apiserver/rest/answer';
import { keyOf, type Call, type ReadParts } from '@skerry/apiserver/rest/call';
import { get } from '@skerry/apiserver/rest/get';
import { list } from '@skerry/apiserver/rest/list';
import { watch } from '@skerry/apiserver/rest/watch';
import { StatusError } from '@skerry/apiserver/status-error';
import type { FetchedReads } from './fetching/fetched-reads.ts';
import type { HeldView } from './held-view.ts';
import { reachOf } from './kinds.ts';
import type { LocalParts } from './local-parts.ts';
import type { Asker } from './local-users.ts';
import { podLog } from './pod-logs.ts';
import { writeCall } from './write-call.ts';

type Perform = (call: Call, verb: Verb, end: Pick<RequestEnd, 'signal'>) => Promise<Answer>;

const readers: Readonly<Partial<Record<Verb, (parts: ReadParts, call: Call) => Answer>>> = {
  get,
  list,
  watch,
};

export interface PerformParts {
  readonly view: HeldView;
  readonly fetched: FetchedReads;
  readonly askerOf: (user: User) => Asker | undefined;
}

/** Carries out what a user of the local API may do: it reads, and of writes takes those that make sense here. */
export function performer(parts: LocalParts, own: PerformParts): Perform {
  const { view, fetched, askerOf } = own;
  const read = { ...parts, store: view };
  return async (call, verb, end) => {
    if (call.subresource?.name === 'log') return logOf(parts, view, call);
    const reader = readers[verb];
    if (!reader) return writeCall({ ...parts, view }, call, verb);
    const asker = askerOf(call.user);
    switch (wayOf(call, verb, { isHeld: view.get(keyOf(call)) !== undefined, asker })) {
      case 'here':
        return reader(read, call);
      case 'fetch':
        return fetched.get(call, asker, end.signal);
      case 'complete':
        return fetched.list(call, asker, end.signal);
    }
  };
}

/**
 * Pure: whether a read is answered by what is held, or by the cluster, too. Who watches is told of what is held
 * alone, so that is what a list shows to programs and to whoever names a version: they watch from there.
 */
export function wayOf(
  call: Call,
  verb: Verb,
  { isHeld, asker }: { readonly isHeld: boolean; readonly asker: Asker | undefined },
): 'here' | 'fetch' | 'complete' {
  if (verb === 'watch') {
    if (call.resource.verbs.includes('watch')) return 'here';
    throw unwatchable(call);
  }
  if (call.subresource) return 'here';
  if (verb === 'get') return isHeld ? 'here' : 'fetch';
  const reach = reachOf(call.resource);
  if (reach !== 'both') return reach === 'own' ? 'here' : 'complete';
  return isLook(call, asker) ? 'complete' : 'here';
}

/** Whether a person looks once, and goes on from nowhere. */
function isLook({ query }: Call, asker: Asker | undefined): boolean {
  const isPerson = asker !== undefined && asker.token === undefined;
  return isPerson && !query.get('resourceVersion') && !query.has('continue');
}

function unwatchable({ resource: { plural } }: Call): StatusError {
  const message = `this node holds no ${plural} and hears of no changes to them: get and list read them through the hub, a watch needs the cluster's own API`;
  return new StatusError({ status: 405, reason: 'MethodNotAllowed', message, details: {} });
}

async function logOf({ runtimes, clock }: LocalParts, view: HeldView, call: Call): Promise<Answer> {
  const answer = get({ store: view }, call);
  if (answer.type !== 'object') return answer;
  const chunks = await podLog(runtimes, answer.held.parse(), call.query, clock.now());
  return { type: 'text', chunks };
}
