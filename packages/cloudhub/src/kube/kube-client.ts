import type { ObjectKey } from '@skerry/shared/names';
import { listPageFrom, watchEventFrom } from './answers.ts';
import type { KubeConnection } from './connection.ts';
import type { Deletion, KubeApi, ListPage, Patch, PatchKind, WatchEvent } from './kube-api.ts';
import { lines } from './lines.ts';
import { collectionPath, objectPath, type ResourceType } from './resource.ts';
import { Transport } from './transport.ts';

/**
 * The API over raw HTTP. Objects pass as the bytes the server wrote: no field is dropped, no number is
 * rounded. Watches have connections of their own, so they never starve requests.
 *
 * Source: kubernetes.io/docs/reference/using-api/api-concepts.
 */
export class KubeClient implements KubeApi, Disposable {
  readonly #transport: Transport;

  constructor(connection: KubeConnection) {
    this.#transport = new Transport(connection);
  }

  async list(
    type: ResourceType,
    page: { readonly limit: number; readonly continue?: string | undefined },
    signal: AbortSignal,
  ): Promise<ListPage> {
    const query = new URLSearchParams({ limit: String(page.limit) });
    if (page.continue !== undefined) query.set('continue', page.continue);
    const path = `${collectionPath(type)}?${query.toString()}`;
    return listPageFrom(await this.#transport.exchange({ method: 'GET', path }, signal));
  }

  async *watch(
    type: ResourceType,
    { from, timeoutSeconds }: { readonly from: bigint; readonly timeoutSeconds: number },
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent, void> {
    const query = new URLSearchParams({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: String(from),
      timeoutSeconds: String(timeoutSeconds),
    });
    const path = `${collectionPath(type)}?${query.toString()}`;
    const chunks = this.#transport.stream({ method: 'GET', path }, signal);
    for await (const line of lines(chunks)) yield watchEventFrom(line);
  }

  get(type: ResourceType, key: ObjectKey, signal: AbortSignal): Promise<Buffer> {
    return this.#transport.exchange({ method: 'GET', path: objectPath(type, key) }, signal);
  }

  create(
    type: ResourceType,
    namespace: string,
    object: object,
    signal: AbortSignal,
  ): Promise<Buffer> {
    const path = collectionPath(type, namespace);
    return this.#transport.exchange({ method: 'POST', path, body: object }, signal);
  }

  createFor(
    type: ResourceType,
    key: ObjectKey,
    subresource: string,
    body: object,
    signal: AbortSignal,
  ): Promise<Buffer> {
    const path = objectPath(type, key, subresource);
    return this.#transport.exchange({ method: 'POST', path, body }, signal);
  }

  update(type: ResourceType, key: ObjectKey, object: object, signal: AbortSignal): Promise<Buffer> {
    const path = objectPath(type, key);
    return this.#transport.exchange({ method: 'PUT', path, body: object }, signal);
  }

  patch(type: ResourceType, key: ObjectKey, patch: Patch, signal: AbortSignal): Promise<Buffer> {
    const path = objectPath(type, key, patch.subresource);
    const contentType = patchTypes[patch.kind];
    return this.#transport.exchange(
      { method: 'PATCH', path, body: patch.body, contentType },
      signal,
    );
  }

  async delete(
    type: ResourceType,
    key: ObjectKey,
    { uid, graceSeconds }: Deletion,
    signal: AbortSignal,
  ): Promise<void> {
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
      ...(uid === undefined ? {} : { preconditions: { uid } }),
    };
    await this.#transport.exchange({ method: 'DELETE', path: objectPath(type, key), body }, signal);
  }

  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }
}

const patchTypes: Readonly<Record<PatchKind, string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};
