import type { JsonObject } from '../../json.ts';
import type { DaemonSet } from '../client/kinds.ts';
import type { Node, Pod } from '../client/objects.ts';
import { amountOf } from '../workload/amount.ts';
import { revisionHashLabel } from '../workload/history.ts';
import { byAge, hasEnded, isAvailable, isEnding, isReady } from '../workload/pod-state.ts';
import { callingOf, nodeOf, type Calling } from './daemon-pod.ts';

/** One node, and the set's pods there, oldest first. */
interface Post {
  readonly node: string;
  readonly calling: Calling;
  readonly pods: readonly Pod[];
}

/** A set, its nodes and its pods at one moment. */
export interface DaemonScene {
  readonly set: DaemonSet;
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  /** Of the present template. */
  readonly hash: string;
  readonly now: number;
}

export interface DaemonPlan {
  /** Nodes to have a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
}

/** Pure: the pods to make and to delete now; those to make come first where both can be. */
export function planDaemons(scene: DaemonScene): DaemonPlan {
  const posts = postsOf(scene);
  const upkeep = joined(posts.map((post) => upkeepOf(scene, post)));
  const isRolling = scene.set.spec.updateStrategy.type === 'RollingUpdate';
  return isRolling ? joined([upkeep, rollOf(scene, posts, upkeep)]) : upkeep;
}

function joined(plans: readonly DaemonPlan[]): DaemonPlan {
  return {
    create: plans.flatMap(({ create }) => create),
    remove: plans.flatMap(({ remove }) => remove),
  };
}

function postsOf({ set, nodes, pods }: DaemonScene): readonly Post[] {
  const byNode = Map.groupBy(pods, nodeOf);
  const known = nodes.map((node) => ({
    node: node.metadata.name,
    calling: callingOf(set, node),
    pods: (byNode.get(node.metadata.name) ?? []).toSorted(byAge),
  }));
  const names = new Set(known.map(({ node }) => node));
  const lost = [...byNode].filter(([node]) => !names.has(node));
  const nowhere = { runs: false, stays: false };
  return [...known, ...lost.map(([node, left]) => ({ node, calling: nowhere, pods: left }))];
}

/** One pod where there is to be one, none where there is not. */
function upkeepOf(scene: DaemonScene, { node, calling, pods }: Post): DaemonPlan {
  const present = pods.filter((pod) => !isEnding(pod));
  if (!calling.stays) return { create: [], remove: present };
  const ended = present.filter(hasEnded);
  const live = present.filter((pod) => !hasEnded(pod));
  // the next one comes when this one has gone
  const isFree = pods.length === 0;
  return {
    create: calling.runs && isFree ? [node] : [],
    remove: [...ended, ...surplus(scene, live)],
  };
}

/** While a new pod takes over from an old one, both may be there. */
function surplus(scene: DaemonScene, live: readonly Pod[]): readonly Pod[] {
  const fresh = live.filter((pod) => isFresh(scene, pod));
  const old = live.filter((pod) => !isFresh(scene, pod));
  const isRelieved = fresh.some((pod) => isServing(scene, pod));
  return [...fresh.slice(1), ...(isRelieved ? old : old.slice(1))];
}

function rollOf(scene: DaemonScene, posts: readonly Post[], upkeep: DaemonPlan): DaemonPlan {
  const { maxSurge, maxUnavailable } = scene.set.spec.updateStrategy.rollingUpdate ?? {};
  const called = posts.filter(({ calling }) => calling.runs);
  const surge = amountOf(maxSurge, called.length, 'up');
  const kept = called.map((post) => ({
    node: post.node,
    pods: post.pods.filter((pod) => !upkeep.remove.includes(pod)),
  }));
  const outdated = kept.filter(
    ({ pods }) =>
      pods.some((pod) => !isFresh(scene, pod) && !isEnding(pod)) &&
      !pods.some((pod) => isFresh(scene, pod)),
  );
  if (surge > 0) return overlap(scene, kept, outdated, surge);
  const most = Math.max(1, amountOf(maxUnavailable ?? 1, called.length, 'up'));
  const down = kept.filter(({ pods }) => !pods.some((pod) => isServing(scene, pod)));
  const broken = outdated.filter((post) => down.includes(post));
  const working = outdated.filter((post) => !down.includes(post));
  const next = working.slice(0, Math.max(0, most - down.length));
  return {
    create: [],
    remove: [...broken, ...next].flatMap(({ pods }) => pods.filter((pod) => !isEnding(pod))),
  };
}

type Kept = Pick<Post, 'node' | 'pods'>;

/** New pods come beside the old ones, which go when the new ones serve. */
function overlap(
  scene: DaemonScene,
  kept: readonly Kept[],
  outdated: readonly Kept[],
  surge: number,
): DaemonPlan {
  const doubled = kept.filter(({ pods }) => {
    const fresh = pods.filter((pod) => isFresh(scene, pod));
    return fresh.length > 0 && fresh.length < pods.length;
  });
  const room = Math.max(0, surge - doubled.length);
  return { create: outdated.slice(0, room).map(({ node }) => node), remove: [] };
}

function isFresh({ hash }: DaemonScene, { metadata }: Pod): boolean {
  return metadata.labels?.[revisionHashLabel] === hash;
}

function isServing({ set, now }: DaemonScene, pod: Pod): boolean {
  return !isEnding(pod) && isAvailable(pod, set.spec.minReadySeconds ?? 0, now);
}

/** Pure: what is observed of a set. */
export function daemonStatus(scene: DaemonScene): JsonObject {
  const { set } = scene;
  const posts = postsOf(scene);
  const called = posts.filter(({ calling }) => calling.runs);
  const live = called.map(({ pods }) => pods.filter((pod) => !isEnding(pod) && !hasEnded(pod)));
  const where = (holds: (pod: Pod) => boolean): number =>
    live.filter((pods) => pods.some(holds)).length;
  const available = where((pod) => isServing(scene, pod));
  const { collisionCount } = set.status ?? {};
  const strays = posts.filter(({ calling, pods }) => !calling.runs && pods.length > 0);
  const optional = {
    observedGeneration: set.metadata.generation ?? 0,
    updatedNumberScheduled: where((pod) => isFresh(scene, pod)),
    numberAvailable: available,
    numberUnavailable: called.length - available,
  };
  return {
    currentNumberScheduled: live.filter((pods) => pods.length > 0).length,
    numberMisscheduled: strays.length,
    desiredNumberScheduled: called.length,
    numberReady: where(isReady),
    ...Object.fromEntries(Object.entries(optional).filter(([, count]) => count !== 0)),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
}
