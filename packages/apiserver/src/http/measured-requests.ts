import type { Clock } from '@skerry/shared/clock';
import { latencyBucketsSeconds, type Metrics } from '@skerry/shared/metrics';
import type { Verb } from '../registry/resource.ts';

/** Begins to measure a request; what it gives is called with the status when the answer was written. */
export type MeasuredRequests = (verb: Verb) => (status: number) => void;

/** Watches are counted when they end, and not timed: they last as long as their client likes. */
export function measuredRequests(metrics: Metrics, clock: Clock): MeasuredRequests {
  const spans = metrics.histogram(
    'api_request_seconds',
    'Time from a request to the API served here, without watches, until its answer was written.',
    latencyBucketsSeconds,
    ['verb'],
  );
  const answers = metrics.counter(
    'api_requests_total',
    'Requests to the API served here that were answered, by the class of the status (2xx).',
    ['verb', 'code'],
  );
  return (verb) => {
    const begun = clock.monotonic();
    return (status) => {
      if (verb !== 'watch') spans.observe((clock.monotonic() - begun) / 1_000, { verb });
      answers.inc({ verb, code: `${Math.floor(status / 100)}xx` });
    };
  };
}
