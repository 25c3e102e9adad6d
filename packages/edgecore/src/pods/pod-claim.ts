import { BILLION, plus, type Amounts } from '@skerry/shared/kube/amounts';
import { hostPortsOf, podRequests, type HostPort } from '@skerry/shared/kube/pod-needs';
import type { Uid } from '@skerry/shared/names';
import type { PodObject } from './pod.ts';
import { identityOf } from './pod-shape.ts';

/** What a pod takes of its node from its admission to its end. */
export interface PodClaim {
  readonly uid: Uid;
  readonly requests: Amounts;
  readonly hostPorts: readonly HostPort[];
}

export function claimOf(pod: PodObject): PodClaim {
  return {
    uid: identityOf(pod).uid,
    requests: plus(podRequests(pod.spec), new Map([['pods', BILLION]])),
    hostPorts: hostPortsOf(pod.spec),
  };
}
