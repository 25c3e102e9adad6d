import { supersedes, type Change } from '@skerry/shared/change';
import { InvariantViolation } from '@skerry/shared/errors';
import type { NodeName, ObjectKey, ResourceName, Version } from '@skerry/shared/names';
import { nodes } from '../kube/resource.ts';
import { Claims } from './claims.ts';
import type { Delivery } from './delivery.ts';
import { laneOf } from './lanes.ts';
import { resourceOf, unrouted, type Observed } from './observed.ts';
import { Selections, type SelectionChange } from './selections.ts';

/**
 * Which node needs which object: what is placed on it, and what that refers to. Pure bookkeeping, no
 * I/O; observations in, deliveries out, in the order in which a node can use them (a ConfigMap before
 * the pod that mounts it, a pod's end before that of its Secrets).
 *
 * Every delivery carries the version of its own object. The watches of different resources run at
 * different speeds, so the version of an event that merely placed an object somewhere says nothing about
 * that object. What a node no longer needs is withdrawn at the version at which it was held.
 */
export class Placement {
  readonly #objects: ReadonlyMap<ResourceName, Map<ObjectKey, Observed>>;
  readonly #progress = new Map<ResourceName, Version>();
  readonly #claims = new Claims();
  readonly #selections = new Selections(() => this.#objects.get(nodes.name)?.values() ?? []);
  /** Objects that go where a key is needed, though nothing there refers to them. */
  readonly #followers = new Map<ObjectKey, Set<ObjectKey>>();
  #unlisted: Set<ResourceName>;
  #synced = Promise.withResolvers<undefined>();

  constructor(resources: readonly ResourceName[]) {
    this.#objects = new Map(resources.map((resource) => [resource, new Map()]));
    this.#unlisted = new Set(resources);
  }

  /** Whether every resource has had its first snapshot: before that, absence means nothing. */
  get synced(): boolean {
    return this.#unlisted.size === 0;
  }

  /** Resolves when every resource has been listed, since the last `unlist`. */
  get whenSynced(): Promise<void> {
    return this.#synced.promise;
  }

  /** The cluster was restored from a backup: what is known stays until the lists replace it. */
  unlist(): void {
    if (this.synced) this.#synced = Promise.withResolvers<undefined>();
    this.#unlisted = new Set(this.#objects.keys());
    this.#progress.clear();
  }

  /** How far a resource has been seen: no unseen event of it has this version or a lower one. */
  progressOf(resource: ResourceName): Version {
    return this.#progress.get(resource) ?? (0n as Version);
  }

  /** The watch of a resource has come this far, though it had no event to tell. */
  progress(resource: ResourceName, version: Version): void {
    if (version > this.progressOf(resource)) this.#progress.set(resource, version);
  }

  /** Replaces all objects of one resource by those of a list; what the list lacks is gone. */
  snapshot(resource: ResourceName, observed: readonly Observed[], version: Version): Delivery[] {
    const present = new Set(observed.map(({ key }) => key));
    const lost = [...this.all(resource)].filter(({ key }) => !present.has(key));
    const deliveries = [
      ...observed.flatMap((each) => this.#observe(each, isListed)),
      ...lost.flatMap(({ key, uid }) =>
        this.#observe({ key, uid, version, routing: unrouted }, isListed),
      ),
    ];
    this.progress(resource, version);
    this.#unlisted.delete(resource);
    if (this.synced) this.#synced.resolve(undefined);
    return deliveries;
  }

  /** Takes in one event of a watch. One that is not newer than what is known changes nothing. */
  apply(observed: Observed): Delivery[] {
    return this.#observe(observed, isKnown);
  }

  /** What a node should hold, at the objects' own versions. */
  *needs(node: NodeName): Generator<Change, void> {
    for (const key of this.#claims.of(node)) {
      const held = this.find(key);
      if (held) yield changeOf(held);
    }
  }

  find(key: ObjectKey): Observed | undefined {
    return this.#objects.get(resourceOf(key))?.get(key);
  }

  /** Every object of one resource. */
  all(resource: ResourceName): Iterable<Observed> {
    return this.#of(resource).values();
  }

  /** Every object of one resource that is placed on `node`. */
  *placedOn(node: NodeName, resource: ResourceName): Generator<Observed, void> {
    for (const key of this.#claims.of(node)) {
      const held = resourceOf(key) === resource ? this.find(key) : undefined;
      if (held) yield held;
    }
  }

  /** Whether the object exists and `node` needs it, that is: may read it and speak of it (G8). */
  isPlaced(node: NodeName, key: ObjectKey): boolean {
    return this.#claims.of(node).has(key) && this.find(key) !== undefined;
  }

  #observe(next: Observed, known: (next: Observed, before: Observed) => boolean): Delivery[] {
    const before = this.find(next.key);
    this.progress(resourceOf(next.key), next.version);
    if (before ? known(next, before) : !next.object) return [];
    if (next.object) this.#of(resourceOf(next.key)).set(next.key, next);
    else this.#of(resourceOf(next.key)).delete(next.key);
    const { refers: had } = before?.routing ?? unrouted;
    const { refers: has } = next.routing;
    const { entering, leaving } = this.#moves(next, before);
    const goes = new Set(leaving.filter(({ key }) => key === next.key).map(({ node }) => node));
    const stayed = [...this.#claims.on(next.key)].filter(
      (node) => !(goes.has(node) && this.#claims.count(node, next.key) === 1),
    );
    const [fresh, stale] = [without(has, had), without(had, has).toReversed()];
    const news = { change: changeOf(next), lane: laneOf(next, before) };
    const [joins, leaves] = this.#refollow(next, before);
    return [
      ...joins.flatMap((key) => this.#nodesOf(key).flatMap((node) => this.#need(node, next.key))),
      ...entering.flatMap(({ node, key }) => this.#need(node, key)),
      ...stayed.flatMap((node) => fresh.flatMap((key) => this.#need(node, key))),
      ...stayed.map((node) => ({ node, ...news })),
      ...stayed.flatMap((node) => stale.flatMap((key) => this.#letGo(node, key, next))),
      ...leaves.flatMap((key) => this.#nodesOf(key).flatMap((node) => this.#unfollow(node, next))),
      ...leaving.flatMap(({ node, key }) =>
        this.#letGo(node, key, next, key === next.key ? had : undefined),
      ),
    ];
  }

  /** Who comes to need an object by this observation, and who no longer does: named, or selected. */
  #moves(next: Observed, before: Observed | undefined): SelectionChange {
    const { key, routing } = next;
    const [from, to] = [before?.routing.node, routing.node];
    const { entering, leaving } = this.#selections.observe(next);
    if (from === to) return { entering, leaving };
    return {
      entering: [...(to === undefined ? [] : [{ node: to, key }]), ...entering],
      leaving: [...leaving, ...(from === undefined ? [] : [{ node: from, key }])],
    };
  }

  /** Takes note of what an object follows now; which keys it joins, and which it leaves. */
  #refollow(
    { key, routing: { follows = [] } }: Observed,
    before: Observed | undefined,
  ): [readonly ObjectKey[], readonly ObjectKey[]] {
    const followed = before?.routing.follows ?? [];
    const [joins, leaves] = [without(follows, followed), without(followed, follows)];
    for (const one of joins) {
      const followers = this.#followers.get(one) ?? new Set();
      this.#followers.set(one, followers.add(key));
    }
    for (const one of leaves) {
      const followers = this.#followers.get(one);
      followers?.delete(key);
      if (followers?.size === 0) this.#followers.delete(one);
    }
    return [joins, leaves];
  }

  /** Whoever held what is gone has been told so already. */
  #unfollow(node: NodeName, next: Observed): Delivery[] {
    if (next.object) return this.#letGo(node, next.key, next);
    this.#claims.drop(node, next.key);
    return [];
  }

  #nodesOf(key: ObjectKey): NodeName[] {
    return [...this.#claims.on(key)];
  }

  #followersOf(key: ObjectKey): ObjectKey[] {
    return [...(this.#followers.get(key) ?? [])];
  }

  /**
   * One reason more for a node to hold a key: somebody there waits for it, and for what it refers to in
   * turn (a claim for its volume), which comes first; what follows it comes behind.
   */
  #need(node: NodeName, key: ObjectKey): Delivery[] {
    if (!this.#claims.add(node, key)) return [];
    const held = this.find(key);
    return [
      ...(held?.routing.refers ?? []).flatMap((inner) => this.#need(node, inner)),
      ...(held ? [{ node, change: changeOf(held), lane: 'urgent' } as const] : []),
      ...this.#followersOf(key).flatMap((follower) => this.#need(node, follower)),
    ];
  }

  /** One reason less; after the last the node lets go of what there is, then of what that referred to. */
  #letGo(
    node: NodeName,
    key: ObjectKey,
    next: Observed,
    refers?: readonly ObjectKey[],
  ): Delivery[] {
    if (!this.#claims.drop(node, key)) return [];
    const held = this.find(key);
    const inner = refers ?? held?.routing.refers ?? [];
    return [
      ...this.#followersOf(key).flatMap((follower) => this.#letGo(node, follower, next)),
      ...departure(node, key, held, next),
      ...inner.toReversed().flatMap((one) => this.#letGo(node, one, next)),
    ];
  }

  #of(resource: ResourceName): Map<ObjectKey, Observed> {
    const objects = this.#objects.get(resource);
    if (!objects) throw new InvariantViolation(`${resource} is not watched`);
    return objects;
  }
}

/** A watch only goes forward. */
function isKnown(next: Observed, before: Observed): boolean {
  return !supersedes(next, before);
}

/** A list is the truth, even after the cluster was restored from a backup. */
function isListed(next: Observed, before: Observed): boolean {
  return next.object !== undefined && next.version === before.version && next.uid === before.uid;
}

/** A withdrawal of what lives on, a tombstone of what has just gone, nothing of what never was. */
function departure(
  node: NodeName,
  key: ObjectKey,
  held: Observed | undefined,
  next: Observed,
): Delivery[] {
  if (!held) return key === next.key ? [{ node, change: changeOf(next), lane: 'urgent' }] : [];
  const { uid, version } = held;
  return [{ node, change: { key, uid, version, withdrawn: true }, lane: 'urgent' }];
}

function without(keys: readonly ObjectKey[], others: readonly ObjectKey[]): ObjectKey[] {
  if (keys.length === 0 || keys === others) return [];
  const known = new Set(others);
  return keys.filter((key) => !known.has(key));
}

/** The change alone, without what placement knows about it. */
function changeOf({ key, uid, version, object }: Observed): Change {
  return object ? { key, uid, version, object } : { key, uid, version };
}
