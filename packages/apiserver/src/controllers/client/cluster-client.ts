import type { Json, JsonObject, KubeObject } from '../../json.ts';
import { subresourceOf, type Resource } from '../../registry/resource.ts';
import type { Call, RestParts } from '../../rest/call.ts';
import { keyOf } from '../../rest/call.ts';
import { create } from '../../rest/create.ts';
import { remove } from '../../rest/delete.ts';
import type { Propagation } from '../../rest/delete-options.ts';
import { dispatch } from '../../rest/dispatch.ts';
import { byUpdate } from '../../rest/ownership.ts';
import { revise } from '../../rest/revise.ts';
import { StatusError } from '../../status-error.ts';
import type { Held } from '../../storage/held.ts';
import { internalCall } from '../internal-call.ts';
import { controllerOf, type KindOf } from './kinds.ts';
import type { Meta, OwnerReference } from './objects.ts';

/** Whom the server's own writes belong to, as in a cluster whose controllers are one process. */
const fieldManager = 'kube-controller-manager';

/** An object that may have an owner. */
interface Claimable extends KubeObject {
  metadata: Meta;
}

/** Which object: one that was read, or its place. */
export interface Place {
  readonly namespace: string;
  readonly name: string;
}

export interface Deleting {
  readonly propagation?: Propagation;
  readonly graceSeconds?: number;
  /** Only this object, not a later one with its name. */
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/**
 * What controllers read and write the cluster with. Every write goes the way of a client's: it is
 * defaulted, validated, counted and owned. A read sees every write that has been acknowledged, so a turn
 * never works on stale objects, and nothing needs to be expected.
 */
export class ClusterClient {
  readonly #parts: RestParts;
  readonly #controllers = new WeakMap<Held, OwnerReference | 'nobody'>();

  constructor(parts: RestParts) {
    this.#parts = parts;
  }

  get<T extends KubeObject>(kind: KindOf<T>, { namespace, name }: Place): T | undefined {
    const held = this.#parts.store.get({ resource: kind.storage, namespace, name });
    return held?.parse() as T | undefined;
  }

  /** The objects of a namespace, in order; all namespaces when it is empty. */
  list<T extends KubeObject>(
    kind: KindOf<T>,
    namespace: string,
    wanted: (held: Held) => boolean = () => true,
  ): T[] {
    const all = this.#parts.store.list(kind.storage, namespace);
    return all.filter(wanted).map((held) => held.parse() as T);
  }

  /** Who manages an object. Read once for each version of it, however many controllers ask. */
  controllerOf(held: Held): OwnerReference | undefined {
    if (!held.mentions('"ownerReferences"')) return undefined;
    const known = this.#controllers.get(held);
    if (known !== undefined) return known === 'nobody' ? undefined : known;
    const controller = controllerOf(held.parse() as Claimable);
    this.#controllers.set(held, controller ?? 'nobody');
    return controller;
  }

  /** Throws StatusError as the API does, for example when the name is taken. */
  async create<T extends KubeObject>(
    kind: KindOf<T>,
    namespace: string,
    body: JsonObject,
  ): Promise<T> {
    const call = this.#call(kind, { namespace, name: '' }, { body });
    const answer = await create(this.#parts, call);
    if (answer.type !== 'object') throw new TypeError('a created object was expected');
    return answer.held.parse() as T;
  }

  /** Whether it had to be: false when it was gone, or is another one by now. */
  async delete(kind: KindOf<KubeObject>, place: Place, how: Deleting = {}): Promise<boolean> {
    const call = this.#call(kind, place);
    try {
      await remove(this.#parts, call, keyOf(call), { dryRun: false, ...how });
      return true;
    } catch (error) {
      if (isMissing(error) || isConflict(error)) return false;
      throw error;
    }
  }

  /**
   * Changes an object from its newest state: `change` is given a tree of its own and answers what it
   * should be, or undefined to leave it. Undefined when there is none, or it is another one by now.
   */
  update<T extends KubeObject>(
    kind: KindOf<T>,
    target: Place & { readonly uid?: string },
    change: (object: T) => T | undefined,
  ): Promise<T | undefined> {
    return this.#revise(kind, target, '', change);
  }

  /** The same for the object's status alone. */
  updateStatus<T extends KubeObject>(
    kind: KindOf<T>,
    target: Place & { readonly uid?: string },
    statusOf: (object: T) => JsonObject | undefined,
  ): Promise<T | undefined> {
    return this.#revise(kind, target, 'status', (object) => {
      const status = statusOf(object);
      return status && { ...object, status };
    });
  }

  async bind(pod: Place & { readonly uid: string }, node: string): Promise<void> {
    const body = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { ...pod },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    };
    const kind = { storage: 'pods', apiVersion: 'v1', kind: 'Pod' };
    const call = this.#call(kind, pod, { body, subresource: 'binding' });
    await dispatch(this.#parts, call, 'create');
  }

  async #revise<T extends KubeObject>(
    kind: KindOf<T>,
    target: Place & { readonly uid?: string },
    subresource: string,
    change: (object: T) => T | undefined,
  ): Promise<T | undefined> {
    const call = this.#call(kind, target, { subresource });
    const isMeant = ({ metadata }: T): boolean =>
      target.uid === undefined || metadata.uid === target.uid;
    const held = await this.#parts.store.change(keyOf(call), (current) => {
      if (!current) return { do: 'keep' };
      const object = current.parse() as T;
      if (!isMeant(object)) return { do: 'keep' };
      const proposed = change(object);
      if (!proposed) return { do: 'keep' };
      const ownership = byUpdate(this.#parts, call);
      return revise(this.#parts, call, { held: current, proposed, ownership });
    });
    const written = held?.parse() as T | undefined;
    return written && isMeant(written) ? written : undefined;
  }

  #call(
    kind: KindOf<KubeObject>,
    { namespace, name }: Place,
    more: { readonly body?: Json; readonly subresource?: string } = {},
  ): Call {
    const resource = this.#resource(kind);
    const { body, subresource = '' } = more;
    return {
      ...internalCall(resource, { namespace, name, ...(body === undefined ? {} : { body }) }),
      subresource: subresourceOf(resource, subresource),
      userAgent: fieldManager,
    };
  }

  #resource({ storage }: KindOf<KubeObject>): Resource {
    const found = this.#parts.registry.all.find((resource) => resource.storage === storage);
    if (!found) throw new TypeError(`no resource is kept at ${storage}`);
    return found;
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof StatusError && error.status === 404;
}

export function isConflict(error: unknown): boolean {
  return error instanceof StatusError && error.status === 409;
}

/** `namespace/name`, or `/name`: how controllers key what they reconcile. */
export function placeOf(key: string): Place {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}
