import { defaultPod, tolerateTroubledNodes } from '../defaults/pod.ts';
import { qosClass } from '../defaults/quality-of-service.ts';
import { objectAt, textAt, valueAt, type KubeObject } from '../json.ts';
import type { KindRules } from './kind-rules.ts';

const defaultGraceSeconds = 30;
/** 68 years: what is asked for beyond it has no time that could be written. */
export const longestGraceSeconds = 2_147_483_647;

export const podRules: KindRules = {
  defaults: defaultPod,
  create: (pod) => {
    tolerateTroubledNodes(pod);
    pod['status'] = { phase: 'Pending', qosClass: qosClass(objectAt(pod, 'spec')) };
  },
  graceSeconds,
  deletedAnswer: 'object',
};

/**
 * How long a pod's node has to end it. A pod that never ran anywhere, or has ended, goes at once.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
 */
function graceSeconds(pod: KubeObject, asked: number | undefined): number {
  const phase = textAt(pod, 'status', 'phase');
  if ((textAt(pod, 'spec', 'nodeName') ?? '') === '') return 0;
  if (phase === 'Succeeded' || phase === 'Failed') return 0;
  const own = Number(valueAt(pod, 'spec', 'terminationGracePeriodSeconds') ?? defaultGraceSeconds);
  const grace = asked ?? own;
  return grace < 0 ? 1 : Math.min(grace, longestGraceSeconds);
}
