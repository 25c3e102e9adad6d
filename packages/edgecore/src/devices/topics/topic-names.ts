import { defaultNamespace, deviceId, nameOf, namespaceOf, type DeviceId } from '../device-id.ts';

/** What programs ask about one device, as the end of a topic. */
export type DeviceVerb =
  'twin/update' | 'twin/get' | 'state/update' | 'history/get' | 'method/get' | 'method/call';
/** What the edge says of one device without being asked. */
export type DeviceNews = 'twin/update/delta' | 'twin/update/document' | 'updated';

const devices = '$hw/events/device';
const nodes = '$hw/events/node';

/** Topic filters that select a verb for every device, named with and without its namespace. */
export function verbFilters(verb: DeviceVerb): string[] {
  return [`${devices}/+/${verb}`, `${devices}/+/+/${verb}`];
}

/** Which device a topic of `verb` is about; a bare name is in the namespace `default`. */
export function addressee(topic: string, verb: DeviceVerb): DeviceId | undefined {
  const [namespace, name, ...rest] = topic.slice(devices.length + 1, -verb.length - 1).split('/');
  if (!namespace || rest.length > 0) return undefined;
  return name === undefined ? deviceId(defaultNamespace, namespace) : deviceId(namespace, name);
}

/** Where news of a device go: programs that use the bare name listen there. */
export function newsTopics(device: DeviceId, news: DeviceNews): string[] {
  const full = `${devices}/${device}/${news}`;
  if (namespaceOf(device) !== defaultNamespace) return [full];
  return [full, `${devices}/${nameOf(device)}/${news}`];
}

/** Where a program asks something about one device. */
export function verbTopic(device: DeviceId, verb: DeviceVerb): string {
  return `${devices}/${device}/${verb}`;
}

/** Where an answer to what arrived on `topic` goes. */
export function resultTopic(topic: string): string {
  return `${topic}/result`;
}

export function membershipGet(node: string): string {
  return `${nodes}/${node}/membership/get`;
}

export function membershipUpdated(node: string): string {
  return `${nodes}/${node}/membership/updated`;
}
