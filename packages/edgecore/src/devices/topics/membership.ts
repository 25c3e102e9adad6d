import type { JsonObject } from '@skerry/apiserver/json';
import { kubeTime } from '@skerry/shared/clock';
import { nameOf, namespaceOf, type DeviceId } from '../device-id.ts';
import type { DeviceTwin } from '../device-twin.ts';
import type { TwinStore } from '../twin-store.ts';
import { viewTwin } from './twin-view.ts';

/** `$hw/events/node/<node>/membership/get`: every device of this node with its twin. */
export function getMembership(twins: TwinStore): JsonObject {
  const devices = twins.devices().flatMap((device) => {
    const twin = twins.get(device);
    return twin ? [viewDevice(device, twin)] : [];
  });
  return { devices };
}

export function viewDevice(device: DeviceId, twin: DeviceTwin): JsonObject {
  return {
    id: device,
    namespace: namespaceOf(device),
    name: nameOf(device),
    state: twin.state,
    ...(twin.lastOnline !== undefined && { last_online: kubeTime(twin.lastOnline) }),
    twin: viewTwin(twin.properties),
  };
}
