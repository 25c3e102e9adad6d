import type { Uid } from '@skerry/shared/names';

/** A runtime's own id of a sandbox or container. */
export type ContainerId = string;

/** Which pod something belongs to. */
export interface PodIdentity {
  readonly uid: Uid;
  readonly namespace: string;
  readonly name: string;
}

/** What the runtime keeps with a sandbox and gives back as it was, also to a later agent. */
export interface SandboxMark {
  readonly pod: PodIdentity;
  /** Counts the pod's sandboxes from 0. */
  readonly attempt: number;
  /** Failures in a row that led to this attempt: how far back-off has come. */
  readonly streak: number;
}

/** What the runtime keeps with a container and gives back as it was, also to a later agent. */
export interface ContainerMark extends SandboxMark {
  /** Unique within the pod, init containers included. */
  readonly name: string;
  /** Of the part of the container's specification that a running container cannot follow. */
  readonly hash: string;
  /** How long it may take to end once nothing else says so, in seconds. */
  readonly graceSeconds: number;
}

export type SandboxState =
  | {
      readonly phase: 'running';
      readonly startedAt: number;
      readonly ip: string | undefined;
      /** The machine's own address on the pod's network; absent where the pod is on the machine's. */
      readonly gateway?: string | undefined;
    }
  | { readonly phase: 'exited'; readonly startedAt: number; readonly finishedAt: number };

export interface ObservedSandbox {
  readonly id: ContainerId;
  readonly mark: SandboxMark;
  readonly state: SandboxState;
}

/** How a container ended. `startedAt` is 0 when its process never ran. */
export interface Exited {
  readonly phase: 'exited';
  readonly startedAt: number;
  readonly finishedAt: number;
  /** 128 + the signal when a signal ended it. */
  readonly exitCode: number;
  /** As a kubelet reports it: `Completed`, `Error`, `OOMKilled`, `StartError`, `ContainerStatusUnknown`. */
  readonly reason: string;
  readonly message?: string | undefined;
}

export type ContainerState =
  | { readonly phase: 'created' }
  | {
      readonly phase: 'running';
      readonly startedAt: number;
      /** By the image's own health check, where the runtime carries it out. */
      readonly health?: 'starting' | 'healthy' | 'unhealthy' | undefined;
    }
  | Exited;

export interface ObservedContainer {
  readonly id: ContainerId;
  readonly mark: ContainerMark;
  /** The sandbox it was created in. */
  readonly sandboxId: ContainerId;
  /** As the pod names it. */
  readonly image: string;
  /** The runtime's id of the image it was created from. */
  readonly imageId: string;
  readonly state: ContainerState;
}

/** Everything a runtime holds of one pod, newest attempts last. */
export interface ObservedPod {
  readonly pod: PodIdentity;
  readonly sandboxes: readonly ObservedSandbox[];
  readonly containers: readonly ObservedContainer[];
}

/** The reason of an end whose exit code is known. */
export function exitReason(exitCode: number): 'Completed' | 'Error' {
  return exitCode === 0 ? 'Completed' : 'Error';
}

/** Gathers sandboxes and containers by pod, attempts in order. */
export function groupByPod(
  sandboxes: readonly ObservedSandbox[],
  containers: readonly ObservedContainer[],
): ObservedPod[] {
  const byAttempt = (a: { mark: SandboxMark }, b: { mark: SandboxMark }): number =>
    a.mark.attempt - b.mark.attempt;
  const pods = new Map<Uid, PodIdentity>();
  for (const { mark } of [...sandboxes, ...containers]) pods.set(mark.pod.uid, mark.pod);
  return [...pods.values()].map((pod) => ({
    pod,
    sandboxes: sandboxes.filter(({ mark }) => mark.pod.uid === pod.uid).toSorted(byAttempt),
    containers: containers.filter(({ mark }) => mark.pod.uid === pod.uid).toSorted(byAttempt),
  }));
}

/** What is known of an end that nobody recorded. Source: kubelet, `ContainerStatusUnknown`. */
export function unknownEnd(startedAt: number, finishedAt: number): Exited {
  return {
    phase: 'exited',
    startedAt,
    finishedAt,
    exitCode: 137,
    reason: 'ContainerStatusUnknown',
    message: 'The container ended while nobody could record how; its exit code is not known',
  };
}
