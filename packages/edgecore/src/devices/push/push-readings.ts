import type { Metrics } from '@skerry/shared/metrics';
import { PushDesk, type PushDeskParts } from '../../push/push-desk.ts';
import type { PushTarget } from '../../push/push-target.ts';
import { deviceKey, nameOf, namespaceOf, type DeviceId } from '../device-id.ts';
import type { KeptReading } from '../recorder.ts';

type DeskParts = Pick<PushDeskParts, 'store' | 'clientId' | 'clock' | 'random' | 'log'>;

/** Readings that leave together. */
const readingsTogether = 100;

/** A desk for the targets of push methods; a webhook gets a list of readings. */
export function openReadingsDesk(parts: DeskParts, metrics: Metrics): PushDesk {
  return new PushDesk({
    ...parts,
    name: 'push',
    together: readingsTogether,
    bodyOf: (readings) => `[${readings.join()}]`,
    pushed: metrics.counter(
      'device_pushes_total',
      'Readings brought to targets of push methods; failed ones are tried again.',
      ['method', 'outcome'],
    ),
    dropped: metrics.counter(
      'device_pushes_dropped_total',
      'Readings for targets of push methods that were given up.',
      ['reason'],
    ),
  });
}

/**
 * One promise for each who is to have a reading, which resolves when it waits on disk for them; rejects
 * with StoreWriteFailed.
 */
export function pushReadings(
  desk: PushDesk,
  device: DeviceId,
  readings: readonly KeptReading[],
  targetsOf: (property: string) => readonly PushTarget[],
): Promise<void>[] {
  return readings.flatMap((reading) =>
    targetsOf(reading.property).map((target) => {
      const named = { namespace: namespaceOf(device), device: nameOf(device), ...reading };
      return desk.offer(target, deviceKey(device), JSON.stringify(named));
    }),
  );
}
