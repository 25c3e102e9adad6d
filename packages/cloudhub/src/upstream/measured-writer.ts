import type { Clock } from '@skerry/shared/clock';
import { latencyBucketsSeconds, type Metrics } from '@skerry/shared/metrics';
import { resourceOf } from '../route/observed.ts';
import type { ReportWriter } from './report-writer.ts';

/** The same writer, which tells how long the API server takes over each kind of object. */
export function measuredWriter(
  write: ReportWriter,
  { metrics, clock }: { readonly metrics: Metrics; readonly clock: Clock },
): ReportWriter {
  const spans = metrics.histogram(
    'upstream_write_seconds',
    'Time to bring one report to the API server, its rereads included, by what became of it.',
    latencyBucketsSeconds,
    ['resource', 'outcome'],
  );
  return async (submission, signal) => {
    const begun = clock.monotonic();
    const resource = resourceOf(submission.key);
    const tell = (outcome: string): void =>
      spans.observe((clock.monotonic() - begun) / 1_000, { resource, outcome });
    try {
      const outcome = await write(submission, signal);
      tell(outcome.do);
      return outcome;
    } catch (error) {
      tell('failed');
      throw error;
    }
  };
}
