import type { Metrics } from '@skerry/shared/metrics';
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
  metrics: Metrics,
): (device: DeviceId) => ReadingSink {
  const taken = metrics.counter('device_readings_total', 'Readings taken, by what they changed.', [
    'outcome',
  ]);
  return (device) => async (arrival) => {
    let outcomes: readonly ReportOutcome[] = [];
    const durable = twins.update(device, (held) => {
      if (!held) return undefined;
      const heard = hear(held, arrival);
      ({ outcomes } = heard);
      return heard.twin;
    });
    await Promise.all([durable, record(device, arrival, outcomes)]); // in one turn: one commit
    for (const outcome of outcomes) taken.inc({ outcome });
  };
}
