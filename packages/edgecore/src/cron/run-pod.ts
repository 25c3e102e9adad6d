import { objectKey, type NodeName, type ObjectKey } from '@skerry/shared/names';
import type { PodObject } from '../pods/pod.ts';
import { PODS } from '../pods/pod-key.ts';
import type { CronJobObject } from './cron-job.ts';
import type { JobRun } from './job-run.ts';

/** The pod of a run's next attempt, as a Job makes it. */
export function runPod(
  { metadata, spec }: CronJobObject,
  { name, uid, pod }: Pick<JobRun, 'name' | 'uid' | 'pod'>,
  { node, podUid }: { readonly node: NodeName; readonly podUid: string },
): PodObject {
  const { template, activeDeadlineSeconds } = spec.jobTemplate.spec;
  const labels = {
    ...template.metadata?.labels,
    'batch.kubernetes.io/job-name': name,
    'batch.kubernetes.io/controller-uid': uid,
    'job-name': name,
    'controller-uid': uid,
  };
  return {
    metadata: {
      name: pod,
      namespace: metadata.namespace,
      uid: podUid,
      generation: 1,
      labels,
      annotations: template.metadata?.annotations ?? {},
    },
    spec: {
      ...(activeDeadlineSeconds !== undefined && { activeDeadlineSeconds }),
      ...template.spec,
      nodeName: node,
    },
    status: { phase: 'Pending' },
  };
}

/** Names of the pods of a run, one for each attempt. */
export function podName(run: string, failures: number): string {
  return `${run}-${failures}`;
}

/** Keys of all pods that a run has had. */
export function podKeysOf(namespace: string, { name, failures }: JobRun): ObjectKey[] {
  return Array.from({ length: failures + 1 }, (_, attempt) =>
    objectKey(PODS, namespace, podName(name, attempt)),
  );
}
