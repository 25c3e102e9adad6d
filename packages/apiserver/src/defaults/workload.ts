import { isObject, listAt, objectAt, type KubeObject } from '../json.ts';
import { ensureObject, fill } from './fill.ts';
import { defaultPodTemplate } from './pod-spec.ts';

/** @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/ */
export function defaultDeployment(deployment: KubeObject): void {
  const spec = ensureObject(deployment, 'spec');
  fill(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
  const strategy = ensureObject(spec, 'strategy');
  fill(strategy, { type: 'RollingUpdate' });
  if (strategy['type'] === 'RollingUpdate')
    fill(ensureObject(strategy, 'rollingUpdate'), { maxUnavailable: '25%', maxSurge: '25%' });
  defaultPodTemplate(spec);
}

/** @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/replica-set-v1/ */
export function defaultReplicaSet(replicaSet: KubeObject): void {
  const spec = ensureObject(replicaSet, 'spec');
  fill(spec, { replicas: 1 });
  defaultPodTemplate(spec);
}

/** @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/daemon-set-v1/ */
export function defaultDaemonSet(daemonSet: KubeObject): void {
  const spec = ensureObject(daemonSet, 'spec');
  fill(spec, { revisionHistoryLimit: 10 });
  const strategy = ensureObject(spec, 'updateStrategy');
  fill(strategy, { type: 'RollingUpdate' });
  if (strategy['type'] === 'RollingUpdate')
    fill(ensureObject(strategy, 'rollingUpdate'), { maxUnavailable: 1, maxSurge: 0 });
  defaultPodTemplate(spec);
}

/** @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/stateful-set-v1/ */
export function defaultStatefulSet(statefulSet: KubeObject): void {
  const spec = ensureObject(statefulSet, 'spec');
  fill(spec, {
    replicas: 1,
    revisionHistoryLimit: 10,
    podManagementPolicy: 'OrderedReady',
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
  });
  const strategy = ensureObject(spec, 'updateStrategy');
  fill(strategy, { type: 'RollingUpdate' });
  if (strategy['type'] === 'RollingUpdate')
    fill(ensureObject(strategy, 'rollingUpdate'), { partition: 0 });
  defaultPodTemplate(spec);
}

/** Where each index has a limit of its own, all together have none. */
const noLimit = 2_147_483_647;

/** @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/ */
export function defaultJob(job: KubeObject): void {
  const spec = ensureObject(job, 'spec');
  // a job that says how many at once but not how many in all is done when one of them is
  if (spec['parallelism'] === undefined) fill(spec, { completions: 1 });
  fill(spec, {
    parallelism: 1,
    backoffLimit: spec['backoffLimitPerIndex'] === undefined ? 6 : noLimit,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: spec['podFailurePolicy'] === undefined ? 'TerminatingOrFailed' : 'Failed',
  });
  for (const rule of listAt(spec, 'podFailurePolicy', 'rules'))
    for (const pattern of listAt(rule, 'onPodConditions'))
      if (isObject(pattern)) fill(pattern, { status: 'True' });
  defaultPodTemplate(spec);
}

/** @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/ */
export function defaultCronJob(cronJob: KubeObject): void {
  const spec = ensureObject(cronJob, 'spec');
  fill(spec, {
    concurrencyPolicy: 'Allow',
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  });
  defaultPodTemplate(objectAt(spec, 'jobTemplate', 'spec'));
}
