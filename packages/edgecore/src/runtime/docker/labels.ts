import { uid } from '@skerry/shared/names';
import type { PodSelector } from '../container-runtime.ts';
import type { ContainerMark, PodIdentity, SandboxMark } from '../observed.ts';
import type { Labels } from './engine-types.ts';

/** Labels by which an agent finds its sandboxes and containers again. */
const label = {
  owner: 'io.skerry.owner',
  kind: 'io.skerry.kind',
  podUid: 'io.skerry.pod.uid',
  podNamespace: 'io.skerry.pod.namespace',
  podName: 'io.skerry.pod.name',
  attempt: 'io.skerry.attempt',
  streak: 'io.skerry.streak',
  container: 'io.skerry.container.name',
  hash: 'io.skerry.container.hash',
  graceSeconds: 'io.skerry.container.grace-seconds',
  image: 'io.skerry.container.image',
  sandboxId: 'io.skerry.sandbox.id',
} as const;

export function ownerFilter(owner: string, selector?: PodSelector): string[] {
  const filter = [`${label.owner}=${owner}`];
  if (selector)
    filter.push(`${label.podNamespace}=${selector.namespace}`, `${label.podName}=${selector.name}`);
  return filter;
}

export function sandboxLabels(owner: string, mark: SandboxMark): Labels {
  return { ...commonLabels(owner, mark), [label.kind]: 'sandbox' };
}

/** What only labels can say of a container once its pod has changed. */
export interface ContainerOrigin {
  readonly mark: ContainerMark;
  readonly image: string;
  readonly sandboxId: string;
}

export function containerLabels(owner: string, origin: ContainerOrigin): Labels {
  const { mark, image, sandboxId } = origin;
  return {
    ...commonLabels(owner, mark),
    [label.kind]: 'container',
    [label.container]: mark.name,
    [label.hash]: mark.hash,
    [label.graceSeconds]: String(mark.graceSeconds),
    [label.image]: image,
    [label.sandboxId]: sandboxId,
  };
}

export function podOf(labels: Labels): PodIdentity {
  return {
    uid: uid(labels[label.podUid] ?? ''),
    namespace: labels[label.podNamespace] ?? '',
    name: labels[label.podName] ?? '',
  };
}

export function isSandbox(labels: Labels): boolean {
  return labels[label.kind] === 'sandbox';
}

export function sandboxMark(labels: Labels): SandboxMark {
  return {
    pod: podOf(labels),
    attempt: Number(labels[label.attempt] ?? 0),
    streak: Number(labels[label.streak] ?? 0),
  };
}

export function containerOrigin(labels: Labels): ContainerOrigin {
  return {
    mark: {
      ...sandboxMark(labels),
      name: labels[label.container] ?? '',
      hash: labels[label.hash] ?? '',
      graceSeconds: Number(labels[label.graceSeconds] ?? 30),
    },
    image: labels[label.image] ?? '',
    sandboxId: labels[label.sandboxId] ?? '',
  };
}

/**
 * One name per attempt: whoever creates the same attempt twice is refused by the engine, so a crash
 * between create and its answer cannot make two of one container.
 */
export function engineName(mark: SandboxMark & { readonly name?: string }): string {
  const { uid: podUid, namespace, name } = mark.pod;
  return ['skerry', mark.name ?? 'POD', name, namespace, podUid, mark.attempt].join('_');
}

function commonLabels(owner: string, { pod, attempt, streak }: SandboxMark): Labels {
  return {
    [label.owner]: owner,
    [label.podUid]: pod.uid,
    [label.podNamespace]: pod.namespace,
    [label.podName]: pod.name,
    [label.attempt]: String(attempt),
    [label.streak]: String(streak),
  };
}
