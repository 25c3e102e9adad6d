import type { DeviceId } from '../device-id.ts';
import { updateTwin, type TwinUpdating } from './twin-update.ts';

/** Desires values as a program does that publishes a `twin/update`. Throws Refused. */
export async function desireAll(
  parts: TwinUpdating,
  device: DeviceId,
  values: Readonly<Record<string, string>>,
  now: number,
): Promise<void> {
  const twin = Object.fromEntries(
    Object.entries(values).map(([property, value]) => [property, { expected: { value } }]),
  );
  const request = { eventId: '', sourceTime: undefined, body: { twin } };
  const message = { topic: '', payload: new Uint8Array(), retained: false, receivedAt: now };
  await updateTwin(parts, device, request, message);
}
