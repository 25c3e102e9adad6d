import { keyParts, type ObjectKey } from '@skerry/shared/names';
import type { Involved } from '../link/event-reports.ts';

const kinds: Readonly<Record<string, Pick<Involved, 'apiVersion' | 'kind'>>> = {
  pods: { apiVersion: 'v1', kind: 'Pod' },
  configmaps: { apiVersion: 'v1', kind: 'ConfigMap' },
  'devices.devices.kubeedge.io': { apiVersion: 'devices.kubeedge.io/v1beta1', kind: 'Device' },
};

/** An object of which labels and annotations may be written here, as Events speak of it. */
export function involved(key: ObjectKey, uid: string): Involved {
  const { resource, namespace, name } = keyParts(key);
  const { apiVersion, kind } = kinds[resource] ?? { apiVersion: 'v1', kind: resource };
  return { apiVersion, kind, namespace, name, uid };
}
