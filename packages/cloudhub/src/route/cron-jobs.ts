import type { NodeName } from '@skerry/shared/names';
import { at, text } from '../kube/json-read.ts';

/** Where a CronJob is run from: with `edge`, by the node that its pods name, whether it is connected or not. */
const runAtAnnotation = 'edge.skerry.io/run-at';
const hostnameLabel = 'kubernetes.io/hostname';

/** The node that runs a CronJob by itself; undefined for one that the cluster runs. */
export function nodeOfCronJob(cronJob: unknown): NodeName | undefined {
  if (at(cronJob, 'metadata', 'annotations', runAtAnnotation) !== 'edge') return undefined;
  const spec = at(cronJob, 'spec', 'jobTemplate', 'spec', 'template', 'spec');
  const name = text(at(spec, 'nodeName')) ?? text(at(spec, 'nodeSelector', hostnameLabel));
  return name as NodeName | undefined;
}

/** The pods that it makes, as if there were one. */
export function podOfCronJob(cronJob: unknown): unknown {
  const spec = at(cronJob, 'spec', 'jobTemplate', 'spec', 'template', 'spec');
  return { metadata: { namespace: at(cronJob, 'metadata', 'namespace') }, spec };
}
