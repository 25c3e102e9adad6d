import { isDeepStrictEqual } from 'node:util';
import { objectKey, type ObjectKey, type Version } from '@skerry/shared/names';
import type { Deletion, KubeApi, ListPage, Patch, WatchEvent } from '../kube-api.ts';
import { AlreadyExists, Conflict, Gone, Invalid, NotFound, Unavailable } from '../kube-errors.ts';
import { apiVersionOf, type ResourceType } from '../resource.ts';

/** An object as tests write it. */
export interface FakeObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly deletionTimestamp?: string;
    readonly [field: string]: unknown;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

interface Logged {
  readonly version: bigint;
  readonly type: ResourceType;
  readonly event: WatchEvent;
}

/** Which call of the API, for faults. */
export type Call = keyof KubeApi;

/**
 * The Kubernetes API in memory, with one version counter as in etcd. It passes the same contract suite
 * as the real client, and it can be told to fail.
 */
export class FakeKube implements KubeApi {
  readonly calls: { readonly call: Call; readonly key: string; readonly body?: unknown }[] = [];
  /** Throws before a call is carried out when it returns an error. */
  fault: (call: Call, key: string) => Error | undefined = () => undefined;
  /** Resources that are not served, for example before their CRD is installed. */
  readonly absent: Set<string> = new Set<string>();
  readonly #objects = new Map<ObjectKey, FakeObject>();
  #log: Logged[] = [];
  #version = 100n;
  #compacted = 0n;
  #uids = 0;
  #tokens = 0;
  #waiting = new Set<() => void>();
  #watches = new Set<AbortController>();

  get version(): Version {
    return this.#version as Version;
  }

  /** Watches open now. */
  get watchCount(): number {
    return this.#watches.size;
  }

  /** The object as the server holds it. */
  read(key: string): FakeObject | undefined {
    return this.#objects.get(key as ObjectKey);
  }

  /** Creates or replaces, as an administrator would. */
  put(type: ResourceType, object: FakeObject): FakeObject {
    const held = this.#objects.get(keyOf(type, object));
    const uid = object.metadata.uid ?? held?.metadata.uid ?? `uid-${++this.#uids}`;
    return this.#store(type, {
      apiVersion: apiVersionOf(type),
      kind: type.kind,
      ...object,
      metadata: { ...object.metadata, uid },
    });
  }

  /** Deletes at once, without grace. */
  remove(type: ResourceType, key: string): void {
    const held = this.#objects.get(key as ObjectKey);
    if (!held) return;
    this.#objects.delete(key as ObjectKey);
    this.#record(type, 'delete', stamp(held, ++this.#version));
  }

  /** Compacts: watches from a version before now answer Gone. */
  forget(): void {
    this.#compacted = ++this.#version;
    this.#log = [];
  }

  /** Takes a backup; calling the result restores it: objects and versions are as they were, watches break. */
  backup(): () => void {
    const [objects, version] = [new Map(this.#objects), this.#version];
    return () => {
      this.#objects.clear();
      for (const [key, object] of objects) this.#objects.set(key, object);
      this.#version = version;
      this.#compacted = 0n;
      this.#log = this.#log.filter((line) => line.version <= version);
      this.endWatches(new Unavailable('the server restarts'));
    };
  }

  bookmark(type: ResourceType): void {
    this.#append({
      version: ++this.#version,
      type,
      event: { type: 'bookmark', version: this.#version as Version },
    });
  }

  /** Ends every open watch: in peace, or with an error. */
  endWatches(error?: Error): void {
    for (const watch of this.#watches) watch.abort(error);
    this.#wake();
  }

  async list(
    type: ResourceType,
    page: { readonly limit: number; readonly continue?: string | undefined },
    _signal: AbortSignal,
  ): Promise<ListPage> {
    await this.#enter('list', type.plural);
    if (this.absent.has(type.name)) throw new NotFound(`${type.plural} is not served`);
    const [version, offset] = (page.continue ?? `${this.#version}:0`).split(':').map(Number) as [
      number,
      number,
    ];
    if (BigInt(version) < this.#compacted) throw new Gone('the continue token has expired');
    const all = [...this.#objects].filter(([key]) => key.startsWith(`${type.name}/`));
    const items = all.slice(offset, offset + page.limit).map(([, { ...object }]) => {
      if (!type.group.includes('.kubeedge.')) {
        delete (object as Record<string, unknown>)['kind'];
        delete (object as Record<string, unknown>)['apiVersion'];
      }
      return bytes(object);
    });
    const end = offset + items.length;
    return {
      items,
      version: BigInt(version) as Version,
      continue: end < all.length ? `${version}:${end}` : undefined,
    };
  }

  async *watch(
    type: ResourceType,
    { from }: { readonly from: Version },
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent, void> {
    await this.#enter('watch', type.plural);
    if (this.absent.has(type.name)) throw new NotFound(`${type.plural} is not served`);
    const end = new AbortController();
    this.#watches.add(end);
    try {
      for (let at: bigint = from; ;) {
        if (at < this.#compacted) throw new Gone('too old resource version');
        const next = this.#log.find((line) => line.version > at && line.type.name === type.name);
        if (next) {
          at = next.version;
          yield next.event;
        } else if (signal.aborted || end.signal.aborted) {
          break;
        } else await this.#news(signal);
      }
      signal.throwIfAborted();
      if (end.signal.reason instanceof Error && end.signal.reason.name !== 'AbortError')
        throw end.signal.reason;
    } finally {
      this.#watches.delete(end);
    }
  }

  async get(_type: ResourceType, key: ObjectKey, _signal: AbortSignal): Promise<Buffer> {
    await this.#enter('get', key);
    return bytes(this.#held(key));
  }

  async create(type: ResourceType, namespace: string, object: object): Promise<Buffer> {
    const given = object as FakeObject;
    const named = namespace === '' ? given : withNamespace(given, namespace);
    const key = keyOf(type, named);
    await this.#enter('create', key, object);
    if (this.#objects.has(key)) throw new AlreadyExists(`${key} already exists`);
    return bytes(this.put(type, named));
  }

  /** Tokens of service accounts: `token-1`, `token-2`, …, which live as long as they are to. */
  async createFor(
    _type: ResourceType,
    key: ObjectKey,
    subresource: string,
    body: object,
  ): Promise<Buffer> {
    await this.#enter('createFor', `${key}/${subresource}`, body);
    this.#held(key);
    if (subresource !== 'token') throw new NotFound(`${key} has no ${subresource}`);
    const { spec } = body as FakeObject;
    return bytes({ ...body, spec, status: { token: `token-${++this.#tokens}` } });
  }

  async update(type: ResourceType, key: ObjectKey, object: object): Promise<Buffer> {
    await this.#enter('update', key, object);
    this.#expect(key, (object as FakeObject).metadata);
    return bytes(this.put(type, object as FakeObject));
  }

  async patch(type: ResourceType, key: ObjectKey, patch: Patch): Promise<Buffer> {
    await this.#enter('patch', key, patch.body);
    if (patch.kind !== 'merge') throw new Invalid('the fake knows merge patches only');
    const held = this.#held(key);
    const body = patch.body as Partial<FakeObject>;
    this.#expect(key, body.metadata ?? {});
    const merged = mergePatch(held, body) as FakeObject;
    const next =
      patch.subresource === 'status'
        ? { ...held, status: merged.status ?? {} }
        : { ...merged, ...(held.status && { status: held.status }) };
    return bytes(isDeepStrictEqual(next, held) ? held : this.#store(type, next));
  }

  async delete(type: ResourceType, key: ObjectKey, deletion: Deletion): Promise<void> {
    await this.#enter('delete', key, deletion);
    const held = this.#held(key);
    if (deletion.uid !== undefined && deletion.uid !== held.metadata.uid)
      throw new Conflict('the uid in the precondition does not match');
    const graceful = type.plural === 'pods' && held.spec?.['nodeName'] !== undefined;
    if (graceful && deletion.graceSeconds !== 0) {
      const metadata = { ...held.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
      this.#store(type, { ...held, metadata });
    } else this.remove(type, key);
  }

  async #enter(call: Call, key: string, body?: unknown): Promise<void> {
    await Promise.resolve();
    this.calls.push({ call, key, body });
    const fault = this.fault(call, key);
    if (fault) throw fault;
  }

  #held(key: ObjectKey): FakeObject {
    const held = this.#objects.get(key);
    if (!held) throw new NotFound(`${key} not found`);
    return held;
  }

  #expect(key: ObjectKey, { resourceVersion, uid }: Partial<FakeObject['metadata']>): void {
    const held = this.#held(key);
    if (resourceVersion !== undefined && resourceVersion !== held.metadata.resourceVersion)
      throw new Conflict(`${key} has been modified`);
    if (uid !== undefined && uid !== held.metadata.uid)
      throw new Conflict(`${key} has another uid`);
  }

  #store(type: ResourceType, object: FakeObject): FakeObject {
    const stored = stamp(object, ++this.#version);
    this.#objects.set(keyOf(type, stored), stored);
    this.#record(type, 'put', stored);
    return stored;
  }

  #record(type: ResourceType, event: 'put' | 'delete', object: FakeObject): void {
    this.#append({ version: this.#version, type, event: { type: event, object: bytes(object) } });
  }

  #append(line: Logged): void {
    this.#log.push(line);
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const wake of waiting) wake();
  }

  #news(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

/** RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(merged, key);
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

function keyOf(type: ResourceType, { metadata }: FakeObject): ObjectKey {
  return objectKey(
    type.name,
    type.namespaced ? (metadata.namespace ?? 'default') : '',
    metadata.name,
  );
}

function withNamespace(object: FakeObject, namespace: string): FakeObject {
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function stamp(object: FakeObject, version: bigint): FakeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}

function bytes(object: object): Buffer {
  return Buffer.from(JSON.stringify(object));
}
