import type { Random } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import type { MemoryStore } from '@skerry/shared/testing/memory-store';
import { Rbac } from '../auth/rbac.ts';
import { passingSigningKey } from '../auth/signing-key.ts';
import { KnownTokens } from '../auth/token-file.ts';
import { TokenSigner } from '../auth/token-signer.ts';
import type { Json, KubeObject } from '../json.ts';
import { builtins } from '../registry/builtins.ts';
import { Registry } from '../registry/registry.ts';
import { subresourceOf, type Verb } from '../registry/resource.ts';
import type { Answer } from '../rest/answer.ts';
import type { Call, RestParts } from '../rest/call.ts';
import { dispatch } from '../rest/dispatch.ts';
import { readObjectStore, type ObjectStore } from '../storage/object-store.ts';
import type { LogLimits } from '../storage/resource-log.ts';
import { temporaryStore } from './temporary-store.ts';

export interface Request {
  /** `pods`, `deployments.apps/v1`; the core group is `v1`. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  readonly query?: string;
  readonly body?: Json;
  readonly mediaType?: string;
}

/** The verbs over a store of their own, without a door. */
export interface RestBench extends AsyncDisposable {
  readonly parts: RestParts & { readonly clock: ManualClock };
  call(request: Request): Call;
  /** Throws StatusError, as the verb does. */
  ask(verb: Verb, request: Request): Promise<Answer>;
  /** The object in the answer; throws when there is none. */
  object(verb: Verb, request: Request): Promise<KubeObject>;
}

/** On a disk, unless `memory` keeps what it stores. */
export async function restBench(limits?: LogLimits, memory?: MemoryStore): Promise<RestBench> {
  const temporary = await (memory ? storeIn(memory) : temporaryStore(limits));
  const clock = new ManualClock();
  const registry = new Registry(builtins);
  const { store } = temporary;
  const parts = {
    ...{ store, registry, clock, random: counting(), log: silentLog },
    authorizer: new Rbac(store),
    signer: new TokenSigner({ key: passingSigningKey(), clock }),
    knownTokens: new KnownTokens(),
    mountsTokens: false, // nobody furnishes namespaces here
  };
  const call = (request: Request): Call => toCall(registry, request);
  const ask = (verb: Verb, request: Request): Promise<Answer> =>
    dispatch(parts, call(request), verb);
  return {
    parts,
    call,
    ask,
    object: async (verb, request) => {
      const answer = await ask(verb, request);
      if (answer.type !== 'object') throw new Error(`answered a ${answer.type}`);
      return answer.held.parse();
    },
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  };
}

async function storeIn(memory: MemoryStore): Promise<StoreHolder> {
  const store = await readObjectStore(memory, { now: () => 1_000_000 });
  return { store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
}

interface StoreHolder extends AsyncDisposable {
  readonly store: ObjectStore;
}

function toCall(registry: Registry, request: Request): Call {
  const [plural = '', ...groupVersion] = request.resource.split('.');
  const [group = '', version = 'v1'] = groupVersion.join('.').split('/');
  const resource = registry.find(group, version, plural);
  if (!resource) throw new Error(`no resource ${request.resource}`);
  const { namespace = resource.namespaced ? 'default' : '', name = '', body } = request;
  return {
    resource,
    subresource: subresourceOf(resource, request.subresource ?? ''),
    namespace,
    name,
    query: new URLSearchParams(request.query),
    body:
      body === undefined
        ? undefined
        : { mediaType: request.mediaType ?? 'application/json', json: body },
    user: { name: 'test', groups: ['system:masters'] },
    userAgent: 'test',
    warnings: [],
  };
}

/** The same numbers in every run, all different. */
function counting(): Random {
  let count = 0;
  return () => (++count * 0.618_034) % 1;
}
