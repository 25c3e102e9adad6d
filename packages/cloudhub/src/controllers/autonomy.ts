import { parseGoDuration } from '@skerry/shared/go-duration';
import { at, list, text } from '../kube/json-read.ts';
import { isFields, type Fields } from '../upstream/merge-diff.ts';
import { edgeLabel } from '../upstream/node-labels.ts';

/**
 * How long a node that is cut off keeps its pods before the cluster may replace them, on a Node or, for
 * one pod, on the Pod: `forever` or a duration such as `12h`.
 */
export const autonomyAnnotation = 'edge.skerry.io/autonomy';
/** On a Pod: what the hub last made of it, so that its own work is told from a wish of the user. */
export const appliedAnnotation = 'edge.skerry.io/autonomy-applied';

/** Seconds, or without end. */
export type Autonomy = number | 'forever';

/** What the admission plugin DefaultTolerationSeconds gives a pod that says nothing. */
const defaultSeconds = 300;
const troubles = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** What a Node says about its pods; undefined for a node that is none of ours. */
export function autonomyOfNode(node: unknown): Autonomy | undefined {
  if (at(node, 'metadata', 'labels', edgeLabel) === undefined) return undefined;
  return readAutonomy(node) ?? 'forever';
}

/** What is to be written on a pod. */
export interface AutonomyPatch {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly tolerations: readonly Fields[] };
}

/**
 * Pure: what makes the cluster leave a pod on its node for so long, as a merge patch; undefined when
 * nothing is to be changed.
 *
 * The means is the one Kubernetes has for it: how long the pod tolerates the taints `not-ready` and
 * `unreachable` with the effect NoExecute. A time that the user chose in the pod itself stands, unless the
 * pod's own annotation says otherwise.
 *
 * Source: kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration, “Taint based Evictions”.
 */
export function autonomyPatch(pod: unknown, ofNode: Autonomy): AutonomyPatch | undefined {
  if (!mayBeChanged(pod)) return undefined;
  const own = readAutonomy(pod);
  const wanted = own ?? ofNode;
  const before = tolerationsOf(pod);
  const applied = annotation(pod, appliedAnnotation);
  const isOurs = (seconds: unknown): boolean =>
    own !== undefined || seconds === defaultSeconds || nameOf(seconds) === applied;
  const tolerations = troubles.reduce((so, key) => tolerate(so, key, wanted, isOurs), before);
  if (JSON.stringify(tolerations) === JSON.stringify(before)) return undefined;
  return {
    metadata: {
      resourceVersion: text(at(pod, 'metadata', 'resourceVersion')) ?? '',
      annotations: { [appliedAnnotation]: String(wanted) },
    },
    spec: { tolerations },
  };
}

/** The API server takes no change of a mirror pod, and one that is being deleted needs none. */
function mayBeChanged(pod: unknown): boolean {
  return (
    at(pod, 'metadata', 'deletionTimestamp') === undefined &&
    annotation(pod, mirrorAnnotation) === undefined
  );
}

function tolerate(
  tolerations: readonly Fields[],
  key: string,
  wanted: Autonomy,
  isOurs: (seconds: unknown) => boolean,
): Fields[] {
  const matching = tolerations.filter((one) => matches(one, key));
  if (matching.length === 0)
    return [...tolerations, { key, operator: 'Exists', effect: 'NoExecute', ...secondsOf(wanted) }];
  return tolerations.map((one) =>
    one['key'] === key && matching.includes(one) && isOurs(one['tolerationSeconds'])
      ? withSeconds(one, wanted)
      : one,
  );
}

/** Whether a toleration is about the taint `key:NoExecute`, whose value is always empty. */
function matches({ key, operator, value, effect }: Fields, trouble: string): boolean {
  const isEffect = effect === undefined || effect === '' || effect === 'NoExecute';
  if (!isEffect) return false;
  if (key === undefined || key === '') return operator === 'Exists';
  return key === trouble && (operator === 'Exists' || (value ?? '') === '');
}

function withSeconds({ tolerationSeconds: _, ...rest }: Fields, wanted: Autonomy): Fields {
  return { ...rest, ...secondsOf(wanted) };
}

function secondsOf(wanted: Autonomy): Fields {
  return wanted === 'forever' ? {} : { tolerationSeconds: wanted };
}

function nameOf(seconds: unknown): string {
  return typeof seconds === 'number' ? String(seconds) : 'forever';
}

function tolerationsOf(pod: unknown): Fields[] {
  return list(at(pod, 'spec', 'tolerations')).filter(isFields);
}

/** Undefined where nothing is said, or nothing that can be understood. */
function readAutonomy(object: unknown): Autonomy | undefined {
  const said = annotation(object, autonomyAnnotation);
  if (said === undefined || said === 'forever') return said;
  const ms = parseGoDuration(said);
  return ms === undefined ? undefined : Math.ceil(ms / 1_000);
}

function annotation(object: unknown, name: string): string | undefined {
  return text(at(object, 'metadata', 'annotations', name));
}
