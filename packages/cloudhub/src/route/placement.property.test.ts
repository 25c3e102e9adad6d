import { supersedes, type Change } from '@skerry/shared/change';
import type { NodeName, ObjectKey, ResourceName, Uid, Version } from '@skerry/shared/names';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configMaps, persistentVolumeClaims, pods, roleBindings } from '../kube/resource.ts';
import { difference } from '../session/difference.ts';
import { resourceOf, unrouted, type Observed } from './observed.ts';
import type { Delivery } from './delivery.ts';
import { Placement } from './placement.ts';

const lines: readonly ResourceName[] = [
  configMaps.name,
  persistentVolumeClaims.name,
  roleBindings.name,
  pods.name,
];
const nodeNames = ['edge-1', 'edge-2'] as NodeName[];

/** The cluster: objects, one version counter, and per resource a line of events the hub has yet to read. */
class Cluster {
  readonly objects = new Map<ObjectKey, Observed>();
  readonly unread = new Map<ResourceName, Observed[]>(lines.map((line) => [line, []]));
  version = 1n;
  #uids = 0;

  put(key: ObjectKey, routing = unrouted): void {
    const uid = this.objects.get(key)?.uid ?? (`u${++this.#uids}` as Uid);
    const version = ++this.version as Version;
    this.#record({ key, uid, version, object: Buffer.from(`${uid}@${version}`), routing });
  }

  remove(key: ObjectKey): void {
    const held = this.objects.get(key);
    if (!held) return;
    const version = ++this.version as Version;
    this.#record({ key, uid: held.uid, version, object: undefined, routing: unrouted });
  }

  list(line: ResourceName): Observed[] {
    this.unread.set(line, []);
    return [...this.objects.values()].filter(({ key }) => resourceOf(key) === line);
  }

  /** From scratch: what each node must hold. */
  expected(node: NodeName): Map<ObjectKey, string> {
    const needed = new Set<ObjectKey>();
    for (const pod of this.objects.values())
      if (pod.routing.node === node) this.#need(pod.key, needed);
    const held = [...needed].flatMap((key) => this.objects.get(key) ?? []);
    return new Map(held.map(({ key, object }) => [key, String(object)]));
  }

  /** Whether or not there is an object, it may be followed. */
  #need(key: ObjectKey, needed: Set<ObjectKey>): void {
    if (needed.has(key)) return;
    needed.add(key);
    for (const inner of this.objects.get(key)?.routing.refers ?? []) this.#need(inner, needed);
    for (const other of this.objects.values())
      if (other.routing.follows?.includes(key)) this.#need(other.key, needed);
  }

  #record(observed: Observed): void {
    if (observed.object) this.objects.set(observed.key, observed);
    else this.objects.delete(observed.key);
    this.unread.get(resourceOf(observed.key))?.push(observed);
  }
}

/** An edge store, as strict as the real one: never an older version, deletions remembered. */
class Edge {
  readonly held = new Map<ObjectKey, Change>();
  readonly #deleted = new Map<ObjectKey, Change>();
  connected = false;

  take(change: Change): boolean {
    const { key } = change;
    if (!supersedes(change, this.held.get(key) ?? this.#deleted.get(key))) return false;
    this.held.delete(key);
    if (change.object) this.held.set(key, change);
    else if (!change.withdrawn) this.#deleted.set(key, change);
    return true;
  }

  get contents(): Map<ObjectKey, string> {
    return new Map([...this.held].map(([key, { object }]) => [key, String(object)]));
  }

  /** What the hub's session finds out at hello. */
  lacks(placement: Placement, node: NodeName): Change[] {
    const { held } = this;
    const lacking = difference(placement, node, {
      get: (key) => held.get(key),
      entries: () => held.values(),
    });
    return lacking.map(({ change }) => change);
  }
}

class Hub {
  placement = new Placement(lines);
  readonly edges = new Map(nodeNames.map((node) => [node, new Edge()]));
  readonly #cluster: Cluster;
  readonly #unlisted = new Set(lines);

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** One event of one line, or the line's first list. */
  read(line: ResourceName): void {
    if (this.#unlisted.delete(line)) {
      this.relist(line);
      return;
    }
    const event = this.#cluster.unread.get(line)?.shift();
    if (event) this.#deliver(this.placement.apply(event));
  }

  relist(line: ResourceName): void {
    this.#unlisted.delete(line);
    const listed = this.#cluster.list(line);
    this.#deliver(this.placement.snapshot(line, listed, this.#cluster.version as Version));
  }

  drain(): void {
    for (const line of lines)
      do this.read(line);
      while (this.#cluster.unread.get(line)?.length);
  }

  connect(node: NodeName): void {
    const edge = this.edges.get(node)!;
    if (!this.placement.synced || edge.connected) return;
    edge.connected = true;
    for (const change of edge.lacks(this.placement, node)) edge.take(change);
  }

  disconnect(node: NodeName): void {
    this.edges.get(node)!.connected = false;
  }

  /** Killed at any moment, whatever it had not yet read. */
  restart(): void {
    for (const node of nodeNames) this.disconnect(node);
    this.placement = new Placement(lines);
    for (const line of lines) this.#unlisted.add(line);
  }

  #deliver(deliveries: readonly Delivery[]): void {
    for (const { node, change } of deliveries) {
      const edge = this.edges.get(node)!;
      if (edge.connected && !edge.take(change))
        throw new Error(`${node} refused ${change.key} at ${change.version} or newer`);
    }
  }
}

type Act = (cluster: Cluster, hub: Hub) => void;

const configKeys = ['a', 'b'].map((name) => `configmaps/x/${name}` as ObjectKey);
/** Refer to what they are bound to, and go where pods that refer to them go. */
const claimKeys = ['c', 'd'].map((name) => `persistentvolumeclaims/x/${name}` as ObjectKey);
/** Go where what they follow is needed, and take along what they refer to. */
const bindingKeys = ['r', 's'].map(
  (name) => `rolebindings.rbac.authorization.k8s.io/x/${name}` as ObjectKey,
);
const podKeys = ['p', 'q'].map((name) => `pods/x/${name}` as ObjectKey);
const anyNode = fc.constantFrom(...nodeNames);
const anyLine = fc.constantFrom(...lines);

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.constantFrom(...configKeys).map(
    (key): Act =>
      (cluster) =>
        cluster.put(key),
  ),
  fc
    .record({
      key: fc.constantFrom(...podKeys),
      node: fc.option(anyNode, { nil: undefined }),
      refers: fc.uniqueArray(fc.constantFrom(...configKeys, ...claimKeys)),
    })
    .map(
      ({ key, ...routing }): Act =>
        (cluster) =>
          cluster.put(key, routing),
    ),
  fc
    .record({
      key: fc.constantFrom(...claimKeys),
      refers: fc.uniqueArray(fc.constantFrom(...configKeys)),
    })
    .map(
      ({ key, ...routing }): Act =>
        (cluster) =>
          cluster.put(key, routing),
    ),
  fc
    .record({
      key: fc.constantFrom(...bindingKeys),
      refers: fc.uniqueArray(fc.constantFrom(...configKeys), { maxLength: 1 }),
      follows: fc.uniqueArray(fc.constantFrom(...claimKeys)),
    })
    .map(
      ({ key, ...routing }): Act =>
        (cluster) =>
          cluster.put(key, routing),
    ),
  fc.constantFrom(...configKeys, ...claimKeys, ...bindingKeys, ...podKeys).map(
    (key): Act =>
      (cluster) =>
        cluster.remove(key),
  ),
  {
    weight: 4,
    arbitrary: anyLine.map(
      (line): Act =>
        (_cluster, hub) =>
          hub.read(line),
    ),
  },
  anyLine.map(
    (line): Act =>
      (_cluster, hub) =>
        hub.relist(line),
  ),
  {
    weight: 2,
    arbitrary: anyNode.map(
      (node): Act =>
        (_cluster, hub) =>
          hub.connect(node),
    ),
  },
  anyNode.map(
    (node): Act =>
      (_cluster, hub) =>
        hub.disconnect(node),
  ),
);

const restart: fc.Arbitrary<Act> = fc.constant((_cluster, hub) => hub.restart());

function run(script: readonly Act[]): { cluster: Cluster; hub: Hub } {
  const cluster = new Cluster();
  const hub = new Hub(cluster);
  for (const step of script) step(cluster, hub);
  hub.drain();
  return { cluster, hub };
}

describe('Placement, against a model', () => {
  it('needs exactly what a count from scratch says', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (script) => {
        const { cluster, hub } = run(script);
        for (const node of nodeNames) {
          const needs = [...hub.placement.needs(node)];
          const contents = new Map(needs.map(({ key, object }) => [key, String(object)]));
          expect(contents).toEqual(cluster.expected(node));
          for (const key of [...configKeys, ...claimKeys, ...podKeys])
            expect(hub.placement.isPlaced(node, key)).toBe(contents.has(key));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('brings every connected node level, whatever lags, reconnects or is listed anew', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 80 }), (script) => {
        const { cluster, hub } = run(script);
        for (const node of nodeNames) {
          hub.connect(node);
          expect(hub.edges.get(node)!.contents).toEqual(cluster.expected(node));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('does so across restarts of the hub, too', () => {
    const script = fc.array(fc.oneof({ weight: 12, arbitrary: act }, restart), { maxLength: 80 });
    fc.assert(
      fc.property(script, (steps) => {
        const { cluster, hub } = run(steps);
        for (const node of nodeNames) {
          hub.connect(node);
          expect(hub.edges.get(node)!.contents).toEqual(cluster.expected(node));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('sends nothing to a node that held everything when the hub was restarted', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (script) => {
        const { hub } = run(script);
        for (const node of nodeNames) hub.connect(node);
        hub.restart();
        hub.drain();
        for (const node of nodeNames) {
          expect(hub.edges.get(node)!.lacks(hub.placement, node)).toEqual([]);
        }
      }),
    );
  });
});
