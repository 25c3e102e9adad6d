import type { ReportOutcome } from '@skerry/shared/delivery/report';
import type { ObjectKey } from '@skerry/shared/names';
import type { KubeApi } from '../kube/kube-api.ts';
import { Conflict } from '../kube/kube-errors.ts';
import type { ResourceType } from '../kube/resource.ts';
import type { CurrentObjects, KubeObject } from './current-objects.ts';
import { mergeDiff, type Fields } from './merge-diff.ts';
import type { Refusal } from './report-writer.ts';

/** Times a write is decided anew on what the server has, before it waits its turn again. */
export const conflictRetries = 3;

/** Given the object as it is: the whole status it should have, or why not. */
export type DecideStatus = (
  object: KubeObject,
) => { readonly do: 'write'; readonly status: Fields } | Refusal;

/** What became of it: the object as it is now, or the refusal. */
export type StatusWritten =
  | { readonly do: 'accepted'; readonly object: KubeObject }
  | Extract<ReportOutcome, { do: 'refused' }>;

export interface StatusTarget {
  readonly type: ResourceType;
  readonly key: ObjectKey;
  /** Ask the server before deciding, instead of relying on what was seen. */
  readonly fresh?: boolean;
}

/**
 * Writes statuses as merge patches of the difference, bound to the version that the difference was
 * taken from: nothing that anybody else writes in between is lost, and what is already so costs no
 * write. Throws KubeError (Conflict only when it persists).
 */
export class StatusWriter {
  readonly #api: KubeApi;
  readonly #current: CurrentObjects;

  constructor(api: KubeApi, current: CurrentObjects) {
    this.#api = api;
    this.#current = current;
  }

  async write(
    { type, key, fresh = false }: StatusTarget,
    decide: DecideStatus,
    signal: AbortSignal,
  ): Promise<StatusWritten> {
    let object = fresh
      ? await this.#current.reread(type, key, signal)
      : await this.#current.get(type, key, signal);
    for (let attempt = 1; ; attempt++) {
      const decision = decide(object);
      if (decision.do === 'refused') return decision;
      const status = mergeDiff(object.status ?? {}, decision.status);
      if (!status) return { do: 'accepted', object };
      try {
        return { do: 'accepted', object: await this.#patch(type, key, object, status, signal) };
      } catch (error) {
        if (!(error instanceof Conflict) || attempt >= conflictRetries) throw error;
        object = await this.#current.reread(type, key, signal);
      }
    }
  }

  async #patch(
    type: ResourceType,
    key: ObjectKey,
    { metadata: { resourceVersion } }: KubeObject,
    status: Fields,
    signal: AbortSignal,
  ): Promise<KubeObject> {
    const body = { metadata: { resourceVersion }, status };
    const patch = { kind: 'merge', subresource: 'status', body } as const;
    try {
      return this.#current.remember(key, await this.#api.patch(type, key, patch, signal));
    } catch (error) {
      this.#current.forget(key); // what we knew may be why it failed
      throw error;
    }
  }
}
