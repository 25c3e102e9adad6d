import type { JsonObject } from '@skerry/apiserver/json';
import type { DeviceId } from '../device-id.ts';
import type { TwinStore } from '../twin-store.ts';
import { Refused } from './request.ts';
import { viewTwin } from './twin-view.ts';

/** `…/twin/get`: everything known of one device's properties. */
export function getTwin(twins: TwinStore, device: DeviceId): Promise<JsonObject> {
  const held = twins.get(device);
  if (!held) return Promise.reject(new Refused(404, `no device ${device} on this node`));
  return Promise.resolve({ twin: viewTwin(held.properties) });
}
