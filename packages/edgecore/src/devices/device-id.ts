import {
  keyParts,
  objectKey,
  resourceName,
  type ObjectKey,
  type ResourceName,
} from '@skerry/shared/names';

declare const brand: unique symbol;
/** `namespace/name` of a Device: how programs at the edge speak of it. */
export type DeviceId = string & { readonly [brand]: 'DeviceId' };

export const devicesResource: ResourceName = resourceName('devices', 'devices.kubeedge.io');
export const deviceModelsResource: ResourceName = resourceName(
  'devicemodels',
  'devices.kubeedge.io',
);

/** The namespace a device is in when a topic gives its name alone. */
export const defaultNamespace = 'default';

export function deviceId(namespace: string, name: string): DeviceId {
  return `${namespace}/${name}` as DeviceId;
}

/** Throws MalformedName unless `key` has the form of a key. */
export function deviceIdOf(key: ObjectKey): DeviceId {
  const { namespace, name } = keyParts(key);
  return deviceId(namespace, name);
}

export function namespaceOf(id: DeviceId): string {
  return id.slice(0, id.indexOf('/'));
}

export function nameOf(id: DeviceId): string {
  return id.slice(id.indexOf('/') + 1);
}

export function deviceKey(id: DeviceId): ObjectKey {
  return objectKey(devicesResource, namespaceOf(id), nameOf(id));
}

export function deviceModelKey(namespace: string, name: string): ObjectKey {
  return objectKey(deviceModelsResource, namespace, name);
}
