import type { WorkQueue } from '@skerry/shared/workqueue';
import { foregroundFinalizer, orphanFinalizer } from '../../rest/removal.ts';
import type { Held, StorageKey } from '../../storage/held.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import type { ControllerParts } from '../client/controller-parts.ts';
import type { KindOf } from '../client/kinds.ts';
import type { OwnerReference } from '../client/objects.ts';
import { withMeta, type Claimable } from '../workload/claim.ts';
import { graphKey, OwnerGraph, placeInGraph } from './graph.ts';
import { blocks, judgeDependent, partingOf, type OwnerState, type Verdict } from './judge.ts';

interface Dependent {
  readonly key: StorageKey;
  readonly object: Claimable;
}

/** Learns who owns what from the changes it is shown, and collects what nobody owns any more. */
export class Collector {
  readonly #parts: ControllerParts;
  readonly #client: ClusterClient;
  readonly #queue: WorkQueue<string>;
  readonly #graph = new OwnerGraph();
  /** Owners that wait for their dependents, by uid. */
  readonly #waiting = new Map<string, string>();

  constructor(parts: ControllerParts, queue: WorkQueue<string>) {
    this.#parts = parts;
    this.#client = parts.client;
    this.#queue = queue;
  }

  /** A change of any object; of an object that is gone, its last state. */
  note(held: Held): void {
    const current = this.#parts.store.get(held);
    if (current !== held) this.#noteEnd(held, current);
    if (current) this.#notePresent(current);
  }

  /** Deletions may have been missed: every dependent is looked at again. */
  doubtAll(): void {
    for (const key of this.#graph.keys()) this.#queue.add(key);
    for (const key of this.#waiting.values()) this.#queue.add(key);
  }

  async turn(key: string): Promise<undefined> {
    const object = this.#find(placeInGraph(key));
    if (!object) return undefined;
    await this.#part(key, object);
    const owners = (object.metadata.ownerReferences ?? []).map((reference) => ({
      uid: reference.uid,
      state: this.#stateOf(reference, placeInGraph(key).namespace),
    }));
    const hasBlocking = this.#dependentsOf(object).some((one) =>
      blocks(one.object, object.metadata.uid),
    );
    await this.#carryOut(key, object, judgeDependent(object, owners, hasBlocking));
    return undefined;
  }

  #noteEnd(held: Held, current: Held | undefined): void {
    const { uid = '' } = held.parse().metadata;
    if (current?.parse().metadata.uid === uid) return; // only an older state of it
    this.#waiting.delete(uid);
    for (const place of this.#graph.dependentsOf(uid)) this.#queue.add(graphKey(place));
    this.#wakeOwners(this.#graph.ownersOf(held));
    if (!current) this.#graph.note(held, []);
  }

  #notePresent(held: Held): void {
    const known = this.#graph.ownersOf(held);
    const hasOwners = held.mentions('"ownerReferences"');
    const isHeld =
      held.mentions(`"${orphanFinalizer}"`) || held.mentions(`"${foregroundFinalizer}"`);
    if (isHeld) this.#queue.add(graphKey(held));
    if (!hasOwners && known.length === 0) return;
    const { metadata } = held.parse() as Claimable;
    const owners = (metadata.ownerReferences ?? []).map(({ uid }) => uid);
    this.#graph.note(held, owners);
    this.#wakeOwners([...known, ...owners]);
    if (owners.join() !== known.join()) this.#queue.add(graphKey(held));
  }

  #wakeOwners(uids: readonly string[]): void {
    for (const uid of uids) {
      const waiting = this.#waiting.get(uid);
      if (waiting !== undefined) this.#queue.add(waiting);
    }
  }

  /** What an owner that is being deleted waits for. */
  async #part(key: string, object: Claimable): Promise<void> {
    const parting = partingOf(object);
    if (parting === 'nothing') return;
    const { uid } = object.metadata;
    const dependents = this.#dependentsOf(object);
    if (parting === 'orphans') {
      await Promise.all(dependents.map((dependent) => this.#forget(dependent, [uid])));
      await this.#release(key, object, orphanFinalizer);
      return;
    }
    this.#waiting.set(uid, key);
    for (const { key: dependent } of dependents) this.#queue.add(graphKey(dependent));
    if (!dependents.some((one) => blocks(one.object, uid)))
      await this.#release(key, object, foregroundFinalizer);
  }

  async #release(key: string, { metadata }: Claimable, finalizer: string): Promise<void> {
    await this.#client.update(
      kindOf(placeInGraph(key)),
      this.#target(key, metadata.uid),
      (object) =>
        withMeta(object, {
          finalizers: (object.metadata.finalizers ?? []).filter((one) => one !== finalizer),
        }),
    );
  }

  async #carryOut(key: string, object: Claimable, verdict: Verdict): Promise<void> {
    const place = placeInGraph(key);
    const { uid, resourceVersion = '' } = object.metadata;
    switch (verdict.do) {
      case 'keep':
        return;
      case 'forget-owners':
        return this.#forget({ key: place, object }, verdict.uids);
      case 'delete': {
        const how = { uid, resourceVersion, propagation: verdict.propagation };
        const isDone = await this.#client.delete(kindOf(place), place, how);
        if (!isDone && this.#find(place)?.metadata.uid === uid) this.#queue.add(key); // it has changed: look again
      }
    }
  }

  async #forget({ key, object }: Dependent, uids: readonly string[]): Promise<void> {
    const { namespace, name } = key;
    const target = { namespace, name, uid: object.metadata.uid };
    await this.#client.update(kindOf(key), target, (newest) =>
      withMeta(newest, {
        ownerReferences: (newest.metadata.ownerReferences ?? []).filter(
          ({ uid }) => !uids.includes(uid),
        ),
      }),
    );
  }

  #stateOf(reference: OwnerReference, namespace: string): OwnerState {
    const place = this.#placeOf(reference, namespace);
    if (!place) return 'solid'; // nobody can say
    const owner = this.#find(place);
    if (owner?.metadata.uid !== reference.uid) return 'dangling';
    return partingOf(owner) === 'dependents' ? 'waiting' : 'solid';
  }

  /** Where an owner would be kept; undefined when its kind is unknown, or can own no such object. */
  #placeOf({ apiVersion, kind, name }: OwnerReference, namespace: string): StorageKey | undefined {
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    const resource = this.#parts.registry.all.find(
      (one) => one.group === group && one.kind === kind && one.storage !== '',
    );
    if (!resource || (resource.namespaced && namespace === '')) return undefined;
    const { storage, namespaced } = resource;
    return { resource: storage, namespace: namespaced ? namespace : '', name };
  }

  #dependentsOf({ metadata }: Claimable): readonly Dependent[] {
    return this.#graph.dependentsOf(metadata.uid).flatMap((key) => {
      const object = this.#find(key);
      return object ? [{ key, object }] : [];
    });
  }

  #find(place: StorageKey): Claimable | undefined {
    return this.#parts.store.get(place)?.parse() as Claimable | undefined;
  }

  #target(key: string, uid: string): { namespace: string; name: string; uid: string } {
    const { namespace, name } = placeInGraph(key);
    return { namespace, name, uid };
  }
}

/** The collector knows objects by where they are kept alone. */
function kindOf({ resource }: StorageKey): KindOf<Claimable> {
  return { storage: resource, apiVersion: '', kind: '' };
}
