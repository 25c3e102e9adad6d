import { longBucketsSeconds, type Metrics } from '@skerry/shared/metrics';
import type { ProberParts } from '../probes/prober.ts';
import type { PodStatus } from './pod.ts';

/** What the pods room tells of itself. */
export interface MeasuredPods extends Required<Pick<ProberParts, 'answered'>> {
  /** A pod's status has changed; it was first seen here at `startTime`. Milliseconds since the epoch. */
  readonly turned: (before: PodStatus | undefined, now: PodStatus, times: Times) => void;
}

interface Times {
  readonly startTime: number;
  readonly now: number;
}

const startBucketsSeconds = [0.02, 0.05, ...longBucketsSeconds];

export function measuredPods(metrics: Metrics): MeasuredPods {
  const starts = metrics.histogram(
    'pod_start_seconds',
    'Time from when the node first saw a pod until its containers ran, images pulled included.',
    startBucketsSeconds,
  );
  const phases = metrics.counter('pod_phases_total', 'Pods that came into a phase.', ['phase']);
  const restarts = metrics.counter('container_restarts_total', 'Containers that ran anew.');
  const probes = metrics.counter('probe_results_total', 'Answers of containers to probes.', [
    'kind',
    'result',
  ]);
  return {
    answered: (kind, { result }) => probes.inc({ kind, result }),
    turned: (before, status, { startTime, now }) => {
      const again = restartsOf(status) - restartsOf(before);
      if (before && again > 0) restarts.inc(undefined, again);
      if (before?.phase === status.phase) return;
      phases.inc({ phase: status.phase ?? 'Unknown' });
      if (status.phase === 'Running') starts.observe(Math.max(0, now - startTime) / 1_000);
    },
  };
}

function restartsOf(status: PodStatus | undefined): number {
  const all = status?.containerStatuses ?? [];
  return all.reduce((sum, { restartCount }) => sum + restartCount, 0);
}
