import { listAt, textAt, type JsonObject } from '../../json.ts';
import { jobs, type Job } from '../client/kinds.ts';
import type { Container, Pod } from '../client/objects.ts';
import { podOf } from '../workload/pod-of.ts';
import { failureCountKey, failuresOf } from './index-failures.ts';
import { indexKey } from './indexes.ts';
import { trackingFinalizer } from './tally.ts';

/**
 * The pod that works for a job, or for one of its indexes; `owned` are those that have.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode
 */
export function podOfJob(job: Job, index: number | undefined, owned: readonly Pod[]): JsonObject {
  const { template } = job.spec;
  const pod = podOf(jobs, job, template);
  const finalizers = [...listAt(pod, 'metadata', 'finalizers'), trackingFinalizer];
  if (index === undefined) return { ...pod, metadata: { ...pod.metadata, finalizers } };
  const text = String(index);
  const { metadata: { labels, annotations } = {}, spec } = template;
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      generateName: `${job.metadata.name}-${index}-`,
      labels: { ...labels, [indexKey]: text },
      annotations: { ...annotations, [indexKey]: text, ...failures(job, index, owned) },
      finalizers,
    },
    spec: {
      ...spec,
      hostname: spec.hostname ?? `${job.metadata.name}-${index}`,
      containers: spec.containers.map(withIndex),
      ...(spec.initContainers ? { initContainers: spec.initContainers.map(withIndex) } : {}),
    },
  };
}

/** What an index with a limit of its own remembers. */
function failures(job: Job, index: number, owned: readonly Pod[]): Record<string, string> {
  if (job.spec.backoffLimitPerIndex === undefined) return {};
  return { [failureCountKey]: String(failuresOf(job, owned, index)) };
}

/** A variable of that name that the template has stays. */
function withIndex(container: Container): Container {
  const { env = [] } = container;
  const isKnown = env.some((variable) => textAt(variable, 'name') === indexVariable.name);
  return isKnown ? container : { ...container, env: [...env, indexVariable] };
}

const indexVariable = {
  name: 'JOB_COMPLETION_INDEX',
  valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${indexKey}']` } },
};
