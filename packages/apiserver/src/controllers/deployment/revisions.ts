import { sameJson, type JsonObject } from '../../json.ts';
import {
  controllerReference,
  deployments,
  type Deployment,
  type ReplicaSet,
} from '../client/kinds.ts';
import type { PodTemplate } from '../client/objects.ts';
import { withMeta } from '../workload/claim.ts';
import { templateHash } from '../workload/hash.ts';
import { byAge } from '../workload/pod-state.ts';
import { roomOf } from './room.ts';

export const hashLabel = 'pod-template-hash';
export const revisionAnnotation = 'deployment.kubernetes.io/revision';
const historyAnnotation = 'deployment.kubernetes.io/revision-history';
export const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas';
export const maxAnnotation = 'deployment.kubernetes.io/max-replicas';

/** Annotations of a deployment that are not those of its sets. */
const ownAnnotations: readonly string[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
  'deprecated.deployment.rollback.to',
];

/** The set that runs what the deployment says now: the oldest, should there be several. */
export function newSetOf(
  { spec }: Deployment,
  sets: readonly ReplicaSet[],
): ReplicaSet | undefined {
  const wanted = withoutHash(spec.template);
  return sets.toSorted(byAge).find((set) => sameJson(withoutHash(set.spec.template), wanted));
}

function withoutHash(template: PodTemplate): PodTemplate {
  const { [hashLabel]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

export function revisionOf({ metadata }: Pick<ReplicaSet, 'metadata'>): number {
  return Number(metadata.annotations?.[revisionAnnotation] ?? 0) || 0;
}

/** The next revision after those of the old sets. */
export function nextRevision(oldSets: readonly ReplicaSet[]): number {
  return Math.max(0, ...oldSets.map(revisionOf)) + 1;
}

/** A new set for what the deployment says now. */
export function draftSet(deployment: Deployment, revision: number, replicas: number): JsonObject {
  const { metadata, spec, status } = deployment;
  const hash = templateHash(spec.template, status?.collisionCount);
  const labels = { ...spec.template.metadata?.labels, [hashLabel]: hash };
  const { selector, minReadySeconds = 0 } = spec;
  return {
    metadata: {
      name: `${metadata.name}-${hash}`,
      labels,
      annotations: { ...annotationsFor(deployment, {}), [revisionAnnotation]: String(revision) },
      ownerReferences: [controllerReference(deployments, deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds === 0 ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}

/** The newest set as it should be described: annotated as its deployment, with its revision. */
export function describedSet(
  deployment: Deployment,
  set: ReplicaSet,
  revision: number,
): ReplicaSet {
  const before = set.metadata.annotations ?? {};
  const copied = { ...before, ...copiedAnnotations(deployment) };
  const { minReadySeconds = 0 } = deployment.spec;
  const annotations = revisionOf(set) < revision ? risen(copied, revision) : copied;
  const { minReadySeconds: _old, ...spec } = set.spec;
  return {
    ...withMeta(set, { annotations }),
    spec: { ...spec, ...(minReadySeconds === 0 ? {} : { minReadySeconds }) },
  };
}

/** A set that is taken up again remembers the numbers it had. */
function risen(annotations: Record<string, string>, revision: number): Record<string, string> {
  const { [revisionAnnotation]: old = '', [historyAnnotation]: history = '' } = annotations;
  const past = [history, old].filter((part) => part !== '').join(',');
  return {
    ...annotations,
    [revisionAnnotation]: String(revision),
    ...(past === '' ? {} : { [historyAnnotation]: past }),
  };
}

/** How large a set's deployment is, for a later change of that size. */
export function annotationsFor(
  deployment: Deployment,
  before: Readonly<Record<string, string>>,
): Record<string, string> {
  const { replicas } = deployment.spec;
  return {
    ...before,
    ...copiedAnnotations(deployment),
    [desiredAnnotation]: String(replicas),
    [maxAnnotation]: String(replicas + roomOf(deployment).surge),
  };
}

function copiedAnnotations({ metadata }: Deployment): Record<string, string> {
  const entries = Object.entries(metadata.annotations ?? {});
  return Object.fromEntries(entries.filter(([key]) => !ownAnnotations.includes(key)));
}

/** How many replicas a set was meant for when it was last scaled; undefined when it does not say. */
export function noted({ metadata }: ReplicaSet, annotation: string): number | undefined {
  const text = metadata.annotations?.[annotation];
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}
