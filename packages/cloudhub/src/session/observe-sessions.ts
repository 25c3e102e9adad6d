import { latencyBucketsSeconds, type Metrics } from '@skerry/shared/metrics';
import type { SessionObserver, SessionView } from './session-parts.ts';

/** Nodes shown by name: those that lag most. All others are in the sums, and in their NodeSync. */
export const shownLaggards = 20;

const ackBucketsSeconds = [...latencyBucketsSeconds, 30, 120, 600];

/** Counts what sessions do. */
export function countSessions(metrics: Metrics): SessionObserver {
  const delivered = metrics.counter('deliveries_total', 'Changes sent to edge nodes.');
  const acks = metrics.histogram(
    'ack_seconds',
    'Time from when a change was to be sent to a connected node until it is durable there.',
    ackBucketsSeconds,
  );
  const nacked = metrics.counter('nacks_total', 'Changes that nodes refused, by code.', ['code']);
  const skipped = metrics.counter(
    'unknown_frames_total',
    'Frames of a kind that this version does not know.',
  );
  const ended = metrics.counter('sessions_ended_total', 'Sessions that ended, by reason.', [
    'code',
  ]);
  return {
    delivered: (changes) => delivered.inc(undefined, changes),
    acked: (ms) => acks.observe(ms / 1_000),
    refused: (_node, { code }) => nacked.inc({ code }),
    skipped: (frames) => skipped.inc(undefined, frames),
    ended: (code) => ended.inc({ code }),
  };
}

/** Measures the sessions there are whenever Prometheus asks. */
export function measureSessions(metrics: Metrics, views: () => readonly SessionView[]): void {
  const sum = (pick: (view: SessionView) => number): number =>
    views().reduce((total, view) => total + pick(view), 0);
  metrics.gaugeOf('sessions', 'Edge nodes connected.', () => views().length);
  metrics.gaugeOf('pending_changes', 'Changes that wait to be sent to connected nodes.', () =>
    sum(({ pending }) => pending),
  );
  metrics.gaugeOf('inflight_changes', 'Changes sent and not acknowledged.', () =>
    sum(({ inflight }) => inflight),
  );
  metrics.gaugeOf('unapplied_objects', 'Objects on disks of nodes and not acted upon yet.', () =>
    sum(({ unapplied }) => unapplied),
  );
  metrics.gaugeOf('nodes_behind', 'Connected nodes that have something to learn.', () =>
    sum(({ oldestMs }) => (oldestMs === undefined ? 0 : 1)),
  );
  metrics.gaugeOf(
    'sync_lag_seconds',
    'For how long the connected node that lags most has had something to learn.',
    () => laggards(views(), 1)[0]?.[1] ?? 0,
  );
  metrics.gaugesOf(
    'node_sync_lag_seconds',
    `For how long a connected node has had something to learn; the ${shownLaggards} that lag most.`,
    ['node'],
    () => laggards(views(), shownLaggards).map(([node, seconds]) => [{ node }, seconds]),
  );
}

/** Nodes that have something to learn, those that lag most first. */
function laggards(views: readonly SessionView[], most: number): [node: string, seconds: number][] {
  return views
    .flatMap(({ node, oldestMs }): [string, number][] =>
      oldestMs === undefined ? [] : [[node, oldestMs / 1_000]],
    )
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, most);
}
