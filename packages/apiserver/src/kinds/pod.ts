import { textAt, valueAt, type KubeObject } from '../json.ts';
import type { KindRules } from './kind-rules.ts';

const defaultGraceSeconds = 30;

export const podRules: KindRules = {
  create: (object) => {
    object['status'] = { phase: 'Pending' };
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
  const grace =
    asked ?? Number(valueAt(pod, 'spec', 'terminationGracePeriodSeconds') ?? defaultGraceSeconds);
  return grace < 0 ? 1 : grace;
}
