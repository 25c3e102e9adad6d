import { defaultJob } from '../defaults/workload.ts';
import { ensureObject, fill } from '../defaults/fill.ts';
import type { KindRules } from './kind-rules.ts';

/**
 * A job's pods are told apart by its uid, unless it selects them itself.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#specifying-your-own-pod-selector
 */
export const jobRules: KindRules = {
  defaults: defaultJob,
  orphansDependents: true,
  create: (job) => {
    const spec = ensureObject(job, 'spec');
    if (spec['manualSelector'] === true) return;
    const uid = job.metadata.uid ?? '';
    const labels = ensureObject(ensureObject(ensureObject(spec, 'template'), 'metadata'), 'labels');
    fill(labels, {
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': job.metadata.name ?? '',
      'controller-uid': uid,
      'job-name': job.metadata.name ?? '',
    });
    fill(ensureObject(ensureObject(spec, 'selector'), 'matchLabels'), {
      'batch.kubernetes.io/controller-uid': uid,
    });
  },
};
