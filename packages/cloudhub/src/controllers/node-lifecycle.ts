import { kubeTime } from '@skerry/shared/clock';
import { at, list, text } from '../kube/json-read.ts';
import { conditionsOf } from '../upstream/conditions.ts';
import type { Fields } from '../upstream/merge-diff.ts';
import { isFields } from '../upstream/merge-diff.ts';
import { edgeLabel } from '../upstream/node-labels.ts';

/** What the controller needs to know of a Node; few bytes, kept for every node. */
export interface NodeFacts {
  /** Carries the label of an edge node. Others are none of our business. */
  readonly edge: boolean;
  /** Status of the Ready condition; undefined before the node has ever reported. */
  readonly ready: string | undefined;
  /** Taints that this controller sets and removes, as `key:effect`. */
  readonly taints: readonly string[];
}

/** What is to be done about a node. */
export type NodeAction =
  | { readonly do: 'mark-unknown' }
  | { readonly do: 'mark-devices-stale' }
  | { readonly do: 'mark-pods-not-ready' }
  | { readonly do: 'set-taints'; readonly taints: readonly string[] };

/** The conditions that only the node can vouch for. */
const vouchedFor = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];
const notReady = 'node.kubernetes.io/not-ready';
const unreachable = 'node.kubernetes.io/unreachable';
const effects = ['NoSchedule', 'NoExecute'];

/**
 * What follows from a node's silence or its return. Pure.
 *
 * A silent node's conditions turn Unknown, its devices are stale, its pods lose Ready, and it is tainted
 * unreachable; nothing is evicted here. A node that reports gets its Ready back by its own report, and loses the taint then.
 *
 * Source: kubernetes.io/docs/concepts/architecture/nodes, “Node controller”.
 */
export function judgeNode(
  { edge, ready, taints }: NodeFacts,
  { silent, podsMarked }: { readonly silent: boolean; readonly podsMarked: boolean },
): NodeAction[] {
  if (!edge) return [];
  const actions: NodeAction[] = [];
  if (silent && ready !== 'Unknown') actions.push({ do: 'mark-unknown' });
  const wanted = taintsFor(silent ? 'Unknown' : ready);
  if (wanted.join() !== taints.join()) actions.push({ do: 'set-taints', taints: wanted });
  if (silent && !podsMarked)
    actions.push({ do: 'mark-devices-stale' }, { do: 'mark-pods-not-ready' });
  return actions;
}

export function factsOf(node: unknown): NodeFacts {
  const ready = conditionsOf(at(node, 'status')).find(({ type }) => type === 'Ready');
  return {
    edge: at(node, 'metadata', 'labels', edgeLabel) !== undefined,
    ready: text(ready?.['status']),
    taints: taintsOf(node).filter(isOurs).map(nameOf).sort(),
  };
}

/** The conditions of a node that is silent: those it vouched for are Unknown, or were never known. */
export function unknownConditions(status: Fields, createdAt: string, nowMs: number): Fields[] {
  const known = conditionsOf(status);
  const absent = vouchedFor.filter((type) => !known.some((each) => each['type'] === type));
  return [
    ...known.map((condition) => turnUnknown(condition, nowMs)),
    ...absent.map((type) => neverReported(type, createdAt, nowMs)),
  ];
}

/** A node's taints with ours exchanged for `wanted`; those of others stay, and so do equal ones. */
export function exchangeTaints(node: unknown, wanted: readonly string[], nowMs: number): Fields[] {
  const present = taintsOf(node);
  const kept = present.filter((taint) => !isOurs(taint) || wanted.includes(nameOf(taint)));
  const missing = wanted.filter((name) => !present.some((taint) => nameOf(taint) === name));
  return [...kept, ...missing.map((name) => taintFrom(name, nowMs))];
}

/** The conditions of a pod whose node is silent; undefined when it is not shown as ready anyway. */
export function podNotReady(status: Fields, nowMs: number): Fields[] | undefined {
  const conditions = conditionsOf(status);
  const isReady = (each: Fields): boolean => each['type'] === 'Ready' && each['status'] === 'True';
  if (!conditions.some(isReady)) return undefined;
  return conditions.map((each) =>
    isReady(each) ? { ...each, status: 'False', lastTransitionTime: kubeTime(nowMs) } : each,
  );
}

/** The status of a device whose node is silent; undefined when it is not shown as heard anyway. */
export function staleDevice(status: Fields, nowMs: number): Fields | undefined {
  if (status['state'] !== 'online') return undefined;
  const others = conditionsOf(status).filter((each) => each['type'] !== 'Online');
  const online = {
    type: 'Online',
    status: 'Unknown',
    reason: 'NodeSilent',
    message: 'nothing is heard of the node that serves the device',
    lastTransitionTime: kubeTime(nowMs),
  };
  return { ...status, state: 'stale', conditions: [...others, online] };
}

function turnUnknown(condition: Fields, nowMs: number): Fields {
  if (!vouchedFor.includes(String(condition['type'])) || condition['status'] === 'Unknown')
    return condition;
  return {
    ...condition,
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    lastTransitionTime: kubeTime(nowMs),
  };
}

function neverReported(type: string, createdAt: string, nowMs: number): Fields {
  return {
    type,
    status: 'Unknown',
    reason: 'NodeStatusNeverUpdated',
    message: 'Kubelet never posted node status.',
    lastHeartbeatTime: createdAt,
    lastTransitionTime: kubeTime(nowMs),
  };
}

function taintsFor(ready: string | undefined): string[] {
  if (ready === undefined || ready === 'True') return [];
  const key = ready === 'Unknown' ? unreachable : notReady;
  return effects.map((effect) => `${key}:${effect}`).sort();
}

function taintsOf(node: unknown): Fields[] {
  return list(at(node, 'spec', 'taints')).filter(isFields);
}

function isOurs(taint: Fields): boolean {
  return taint['key'] === notReady || taint['key'] === unreachable;
}

function nameOf(taint: Fields): string {
  return `${String(taint['key'])}:${String(taint['effect'])}`;
}

function taintFrom(name: string, nowMs: number): Fields {
  const [key = '', effect = ''] = name.split(':');
  return { key, effect, timeAdded: kubeTime(nowMs) };
}
