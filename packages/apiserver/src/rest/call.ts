import type { Clock, Random } from '@skerry/shared/clock';
import type { Log } from '@skerry/shared/log';
import type { Rbac } from '../auth/rbac.ts';
import type { KnownTokens } from '../auth/token-file.ts';
import type { TokenSigner } from '../auth/token-signer.ts';
import type { User } from '../auth/user.ts';
import type { Json } from '../json.ts';
import type { RuleContext } from '../kinds/kind-rules.ts';
import type { Subject } from '../refusals.ts';
import type { Registry } from '../registry/registry.ts';
import type { Resource, Subresource } from '../registry/resource.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { ReadableObjects } from '../storage/readable-objects.ts';
import type { StorageKey } from '../storage/held.ts';

/** A parsed body and what the client says it is, for example `application/merge-patch+json`. */
export interface Body {
  readonly mediaType: string;
  readonly json: Json;
}

/** Media type of a server-side apply. */
export const applyPatchType = 'application/apply-patch+yaml';

/** One request upon a resource, whatever door it came through. */
export interface Call {
  readonly resource: Resource;
  /** Absent: the object itself. */
  readonly subresource: Subresource | undefined;
  /** Empty for cluster-scoped objects and for lists across namespaces. */
  readonly namespace: string;
  /** Empty when the call is about a collection. */
  readonly name: string;
  readonly query: URLSearchParams;
  readonly body: Body | undefined;
  readonly user: User;
  /** Names the field manager when the client does not. */
  readonly userAgent: string;
  /** Sentences for the client, collected on the way. */
  readonly warnings: string[];
}

/** What the verbs work with that only read. */
export interface ReadParts {
  readonly store: ReadableObjects;
  readonly clock: Clock;
  readonly random: Random;
}

/** What the verbs work with. */
export interface RestParts extends ReadParts {
  readonly store: ObjectStore;
  readonly registry: Registry;
  readonly log: Log;
  readonly authorizer: Rbac;
  readonly signer: TokenSigner;
  /** Beside those of ServiceAccounts. */
  readonly knownTokens: KnownTokens;
  /** Whether pods get the token of their ServiceAccount; then it must exist. */
  readonly mountsTokens: boolean;
}

export function keyOf(call: Call, name: string = call.name): StorageKey {
  return { resource: call.resource.storage, namespace: call.namespace, name };
}

/** What a refusal says the call was about. */
export function subjectOf({ resource: { group, plural } }: Pick<Call, 'resource'>): Subject {
  return { group, plural };
}

export function ruleContext({ store, clock }: Pick<RestParts, 'store' | 'clock'>): RuleContext {
  return { clock, find: (key) => store.get(key), list: (resource) => store.list(resource) };
}
