import type { ObjectKey, Uid, Version } from '@skerry/shared/names';
import type { ResourceType } from './resource.ts';

/** One page of a list. Every page of one list carries the same version. */
export interface ListPage {
  /** Objects as the server wrote them. Those of built-in kinds lack `apiVersion` and `kind`. */
  readonly items: readonly Buffer[];
  /** `metadata.resourceVersion` of the list: a watch from here misses nothing. */
  readonly version: Version;
  /** Asks for the next page; absent on the last one. */
  readonly continue?: string | undefined;
}

/** One line of a watch. A `delete` carries the object's last state with the version of the deletion. */
export type WatchEvent =
  | { readonly type: 'put'; readonly object: Buffer }
  | { readonly type: 'delete'; readonly object: Buffer }
  | { readonly type: 'bookmark'; readonly version: Version };

/** The parts of the API that tell what is. */
export interface KubeSource {
  /** Throws KubeError; Gone when the continue token has expired. */
  list(
    type: ResourceType,
    page: { readonly limit: number; readonly continue?: string | undefined },
    signal: AbortSignal,
  ): Promise<ListPage>;
  /**
   * What happens after `from`, in order. Ends when the server ends it (after `timeoutSeconds`); throws
   * KubeError when it breaks, Gone when `from` is too old.
   */
  watch(
    type: ResourceType,
    watch: { readonly from: Version; readonly timeoutSeconds: number },
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent>;
  /** The object as it is now. Throws NotFound. */
  get(type: ResourceType, key: ObjectKey, signal: AbortSignal): Promise<Buffer>;
}

/** How a patch is to be read: RFC 7386, RFC 6902, or Kubernetes' strategic merge (built-in kinds only). */
export type PatchKind = 'merge' | 'json' | 'strategic';

export interface Patch {
  readonly kind: PatchKind;
  readonly body: unknown;
  readonly subresource?: 'status';
}

/** What a deletion insists on; the server answers Conflict when it is not so. */
export interface Deletion {
  readonly uid?: Uid;
  /** Zero removes a pod at once, as its node asks when the containers have ended. */
  readonly graceSeconds?: number;
}

/** The parts of the API that change what is. Each throws KubeError. */
export interface KubeWriter {
  /** Resolves to the object as created. Throws AlreadyExists. */
  create(
    type: ResourceType,
    namespace: string,
    object: object,
    signal: AbortSignal,
  ): Promise<Buffer>;
  /** Asks something of an object that is made for it: `serviceaccounts/NAME/token`. Resolves to the answer. */
  createFor(
    type: ResourceType,
    key: ObjectKey,
    subresource: string,
    body: object,
    signal: AbortSignal,
  ): Promise<Buffer>;
  /** Replaces the object. Throws Conflict unless its `metadata.resourceVersion` is the newest. */
  update(type: ResourceType, key: ObjectKey, object: object, signal: AbortSignal): Promise<Buffer>;
  /** Resolves to the object as patched. A `resourceVersion` in the patch is a precondition. */
  patch(type: ResourceType, key: ObjectKey, patch: Patch, signal: AbortSignal): Promise<Buffer>;
  /** Throws NotFound, Conflict. */
  delete(
    type: ResourceType,
    key: ObjectKey,
    deletion: Deletion,
    signal: AbortSignal,
  ): Promise<void>;
}

/** The Kubernetes API as the hub uses it: the same for the embedded one and for any cluster. */
export interface KubeApi extends KubeSource, KubeWriter {}
