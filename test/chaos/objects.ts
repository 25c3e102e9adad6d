import {
  apiVersionOf,
  configMaps,
  deviceModels,
  devices,
  pods,
  secrets,
  type ResourceType,
} from '@skerry/cloudhub/kube/resource';
import { objectKey, type ObjectKey } from '@skerry/shared/names';

export const namespace = 'default';

/** What is written: meters are devices that last and report, gadgets are devices that come and go. */
export type Kind = 'map' | 'secret' | 'pod' | 'gadget' | 'meter';

export const typeOf: Readonly<Record<Kind, ResourceType>> = {
  map: configMaps,
  secret: secrets,
  pod: pods,
  gadget: devices,
  meter: devices,
};

export function keyOf(kind: Kind, name: string): ObjectKey {
  return objectKey(typeOf[kind].name, namespace, name);
}

/** What a write says of an object, beside its kind and name. */
export interface Content {
  /** Which of its slots is written, and with what: a lost write shows in the slot of its own. */
  readonly slot: string;
  readonly value: string;
  /** Of pods, gadgets and meters. */
  readonly node: string;
  /** Of pods: names of maps and secrets. */
  readonly maps: readonly string[];
  readonly secrets: readonly string[];
}

export function annotationOf(slot: string): string {
  return `chaos.skerry.io/${slot}`;
}

const filling = 'x'.repeat(700);

/** As it is created. */
export function objectOf(kind: Kind, name: string, content: Content): object {
  const type = typeOf[kind];
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: { name, annotations: { [annotationOf(content.slot)]: content.value } },
    ...bodyOf(kind, name, content),
    ...(kind === 'pod' && { spec: podSpec(content) }),
  };
}

/** As a merge patch. */
export function patchOf(kind: Kind, name: string, content: Content): object {
  return {
    metadata: { annotations: { [annotationOf(content.slot)]: content.value } },
    ...bodyOf(kind, name, content),
  };
}

function bodyOf(kind: Kind, name: string, { value, node }: Content): object {
  switch (kind) {
    case 'map':
      return { data: { value, filling } };
    case 'secret':
      return { data: { value: Buffer.from(value).toString('base64') } };
    case 'pod':
      return {};
    case 'gadget':
    case 'meter':
      return { spec: deviceSpec(name, node, value) };
  }
}

/** Never run: there is no engine. What it refers to is placed with it; a token would refer to more. */
function podSpec({ node, maps, secrets: keys }: Content): object {
  const envFrom = [
    ...maps.map((map) => ({ configMapRef: { name: map, optional: true } })),
    ...keys.map((key) => ({ secretRef: { name: key, optional: true } })),
  ];
  return {
    nodeName: node,
    automountServiceAccountToken: false,
    containers: [{ name: 'main', image: 'chaos', envFrom }],
  };
}

export const model: object = {
  apiVersion: apiVersionOf(deviceModels),
  kind: 'DeviceModel',
  metadata: { name: 'chaos' },
  spec: {
    protocol: 'mqtt',
    properties: [
      { name: 'count', type: 'INT', accessMode: 'ReadOnly' },
      { name: 'target', type: 'INT', accessMode: 'ReadWrite' },
    ],
  },
};

/** Where a device says what it is. */
export function readingTopic(device: string): string {
  return `chaos/${device}/reading`;
}

/** Where a device is told what to be. */
export function wishTopic(device: string): string {
  return `chaos/${device}/set`;
}

function deviceSpec(name: string, node: string, target: string): object {
  const read = { topic: readingTopic(name), timestampPath: '$.ts' };
  const write = { setTopic: wishTopic(name), setPath: '$.target' };
  return {
    deviceModelRef: { name: 'chaos' },
    nodeName: node,
    protocol: { protocolName: 'mqtt' },
    properties: [
      { name: 'count', visitors: { configData: { ...read, jsonPath: '$.count' } } },
      {
        name: 'target',
        desired: { value: target },
        visitors: { configData: { ...read, ...write, jsonPath: '$.target' } },
      },
    ],
  };
}
