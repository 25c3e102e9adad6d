import type { Clock } from '@skerry/shared/clock';
import { latencyBucketsSeconds, type Metrics } from '@skerry/shared/metrics';
import type { DeviceId } from './device-id.ts';
import { hear } from './device-twin.ts';
import type { ReadingSink } from './mapper.ts';
import type { Recorder } from './recorder.ts';
import type { ReportOutcome } from './twin.ts';
import type { TwinStore } from './twin-store.ts';

/** Takes the readings of mappers into twins and counts what became of each. */
export function readingSink(
  twins: TwinStore,
  record: Recorder,
  { metrics, clock }: { readonly metrics: Metrics; readonly clock: Clock },
): (device: DeviceId) => ReadingSink {
  const taken = metrics.counter('device_readings_total', 'Readings taken, by what they changed.', [
    'outcome',
  ]);
  const spans = metrics.histogram(
    'twin_update_seconds',
    'Time from a reading until it is durable in its twin.',
    latencyBucketsSeconds,
  );
  return (device) => async (arrival) => {
    const begun = clock.monotonic();
    let outcomes: readonly ReportOutcome[] = [];
    const durable = twins.update(device, (held) => {
      if (!held) return undefined;
      const heard = hear(held, arrival);
      ({ outcomes } = heard);
      return heard.twin;
    });
    await Promise.all([durable, record(device, arrival, outcomes)]); // in one turn: one commit
    spans.observe((clock.monotonic() - begun) / 1_000);
    for (const outcome of outcomes) taken.inc({ outcome });
  };
}
