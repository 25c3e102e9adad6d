import { deviceModels, devices } from '@skerry/cloudhub/kube/resource';
import type { KubeClient } from '@skerry/cloudhub/kube/kube-client';
import { watchObjects } from './watch.ts';

const forever = new AbortController().signal;
const namespace = 'default';
const apiVersion = 'devices.kubeedge.io/v1beta1';

/** Where a bench device's readings are published. */
export function readingTopic(device: string): string {
  return `bench/${device}/reading`;
}

/** A device with one property `value`, read from a topic of its own, reported at every change. */
export async function writeDevice(api: KubeClient, device: string, node: string): Promise<void> {
  const visitors = {
    protocolName: 'mqtt',
    configData: { topic: readingTopic(device), jsonPath: '$.value' },
  };
  const object = {
    apiVersion,
    kind: 'Device',
    metadata: { name: device },
    spec: {
      deviceModelRef: { name: 'bench' },
      nodeName: node,
      protocol: { protocolName: 'mqtt' },
      properties: [{ name: 'value', visitors, reportToCloud: true }],
    },
  };
  await api.create(devices, namespace, object, forever);
}

export async function writeModel(api: KubeClient): Promise<void> {
  const object = {
    apiVersion,
    kind: 'DeviceModel',
    metadata: { name: 'bench' },
    spec: {
      protocol: 'mqtt',
      properties: [{ name: 'value', type: 'INT', accessMode: 'ReadOnly' }],
    },
  };
  await api.create(deviceModels, namespace, object, forever);
}

interface Twin {
  readonly propertyName: string;
  readonly reported?: { readonly value: string };
}

/** Calls `seen` with every value that the API shows for a device, until the signal aborts. */
export async function watchValues(
  api: KubeClient,
  seen: (device: string, value: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const show = (object: Buffer): void => {
    const { metadata, status } = JSON.parse(object.toString()) as {
      metadata: { name: string };
      status?: { twins?: Twin[] };
    };
    const twin = status?.twins?.find(({ propertyName }) => propertyName === 'value');
    if (twin?.reported) seen(metadata.name, twin.reported.value);
  };
  await watchObjects(api, devices, show, signal);
}
