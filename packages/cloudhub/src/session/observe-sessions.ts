import type { Metrics } from '@skerry/shared/metrics';
import type { SessionObserver, SessionView } from './session-parts.ts';

/** Counts what sessions do. */
export function countSessions(metrics: Metrics): SessionObserver {
  const delivered = metrics.counter('deliveries_total', 'Changes sent to edge nodes.');
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
}
