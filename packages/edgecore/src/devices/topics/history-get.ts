import { textAt, type JsonObject } from '@skerry/apiserver/json';
import type { DeviceId } from '../device-id.ts';
import type { History, PastReading } from '../history.ts';
import type { TwinStore } from '../twin-store.ts';
import { Refused, timeAt, type Request } from './request.ts';

/** Readings in one answer at most, the newest of those asked for. */
export const maxReadings = 5_000;
/** Bytes of values in one answer at most. */
const maxAnswerBytes = 512 * 1024;

/** `…/history/get`: what a property was between `since` and `until`, oldest first. */
export async function getHistory(
  { twins, history }: { readonly twins: TwinStore; readonly history: History },
  device: DeviceId,
  { body }: Request,
  now: number,
): Promise<JsonObject> {
  if (!twins.get(device)) throw new Refused(404, `no device ${device} on this node`);
  const property = textAt(body, 'property');
  if (!property) throw new Refused(400, 'property is not a text');
  const asked = timeAt(body, 'limit') ?? maxReadings;
  const limit = Math.min(Math.floor(asked), maxReadings);
  const since = timeAt(body, 'since') ?? 0;
  const until = timeAt(body, 'until') ?? now;
  const readings = await history.read(device, { property, since, until, limit: limit + 1 });
  const told = newest(readings, limit);
  return {
    property,
    readings: told.map((each) => ({ ...each })),
    more: told.length < readings.length,
  };
}

function newest(readings: readonly PastReading[], limit: number): readonly PastReading[] {
  let bytes = 0;
  let from = readings.length;
  while (from > 0 && readings.length - from < limit) {
    bytes += Buffer.byteLength(readings[from - 1]?.value ?? '');
    if (bytes > maxAnswerBytes) break;
    from -= 1;
  }
  return readings.slice(from);
}
