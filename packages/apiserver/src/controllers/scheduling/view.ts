import { sameJson, type Json } from '../../json.ts';
import type { Held } from '../../storage/held.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import type { Node, Pod } from '../client/objects.ts';
import { volumesDirectoryOf } from '../volumes/provision.ts';
import {
  nodeState,
  placedPod,
  wantingPod,
  withPods,
  type ClusterState,
  type NodeState,
  type PlacedPod,
} from './facts.ts';

type Placed = PlacedPod & { readonly node: string };

/**
 * What the scheduler knows of the cluster: which pods wait, and what is on each node. Kept up with the
 * changes it is shown; it notices which of them could make room.
 */
export class SchedulingView {
  readonly #store: ObjectStore;
  /** Ids of the pods without a node. */
  readonly #waiting = new Map<string, Held>();
  readonly #placed = new Map<string, Placed>();
  readonly #nodes = new Map<string, { readonly sign: Json; readonly state: NodeState }>();
  /** States of pods that have been looked at: what there is at the start comes again as news. */
  readonly #noted = new WeakSet<Held>();
  #epoch = 0;

  /** Knows from the start what there is: a decision never misses a pod that is on its node already. */
  constructor(store: ObjectStore) {
    this.#store = store;
    for (const held of store.list('nodes')) this.noteNode(held);
    for (const held of store.list('pods')) this.notePod(held);
  }

  /** Counts the changes after which a pod that fitted nowhere may fit. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Whether anything about the node matters to scheduling. */
  noteNode({ name }: Held): boolean {
    const node = this.#store.get({ resource: 'nodes', namespace: '', name })?.parse() as
      Node | undefined;
    const known = this.#nodes.get(name);
    if (!node) {
      this.#nodes.delete(name);
      return this.#count(known !== undefined);
    }
    const sign = signOf(node);
    if (known && sameJson(known.sign, sign)) return false;
    this.#nodes.set(name, { sign, state: nodeState(node) });
    return this.#count(true);
  }

  /** Whether the pod waits, or what it takes on its node has changed. */
  notePod(changed: Held): boolean {
    const { id } = changed;
    const held = this.#store.get(changed);
    const isNews = held ? this.#look(held) : this.#leave(id);
    return isNews || this.#waiting.has(id);
  }

  /** Whether it counts, on its node, for something else than before. */
  #look(held: Held): boolean {
    if (this.#noted.has(held)) return false;
    this.#noted.add(held);
    const pod = held.parse() as Pod;
    if ((pod.spec.nodeName ?? '') === '') this.#waiting.set(held.id, held);
    else this.#waiting.delete(held.id);
    return this.#take(held.id, placedPod(pod));
  }

  #leave(id: string): boolean {
    this.#waiting.delete(id);
    return this.#take(id, undefined);
  }

  #take(id: string, placed: Placed | undefined): boolean {
    const before = this.#placed.get(id);
    if (placed) this.#placed.set(id, placed);
    else this.#placed.delete(id);
    return this.#count(!sameOnNode(before, placed));
  }

  /** Something else that pods wait for. */
  noteOther(): boolean {
    return this.#waiting.size > 0 && this.#count(true);
  }

  waiting(): readonly Pod[] {
    return [...this.#waiting.values()].map((held) => held.parse() as Pod);
  }

  /** Nodes by name, each with its pods. */
  state(): ClusterState {
    const onNode = Map.groupBy(this.#placed.values(), ({ node }) => node);
    const names = [...this.#nodes.keys()].sort();
    const nodes = names.flatMap((name) => {
      const node = this.#nodes.get(name);
      return node ? [withPods(node.state, onNode.get(name) ?? [])] : [];
    });
    const namespaces = this.#store.list('namespaces');
    return {
      nodes,
      namespaceLabels: new Map(namespaces.map(({ name, labels }) => [name, labels])),
    };
  }

  /** The state with a pod on a node that has just been given it. */
  withPlaced(state: ClusterState, name: string, pod: Pod): ClusterState {
    const nodes = state.nodes.map((node) =>
      node.name === name ? withPods(node, [wantingPod(pod)]) : node,
    );
    return { ...state, nodes };
  }

  #count(isNews: boolean): boolean {
    if (isNews) this.#epoch += 1;
    return isNews;
  }
}

function signOf({ metadata, spec, status }: Node): Json {
  const { labels = {} } = metadata;
  const { allocatable = status?.capacity ?? {} } = status ?? {};
  const { taints = [], unschedulable = false } = spec ?? {};
  const volumes = volumesDirectoryOf({ metadata }) ?? '';
  return { labels, allocatable, taints, unschedulable, volumes };
}

function sameOnNode(one: Placed | undefined, other: Placed | undefined): boolean {
  return one?.node === other?.node && sameJson({ ...one?.labels }, { ...other?.labels });
}
