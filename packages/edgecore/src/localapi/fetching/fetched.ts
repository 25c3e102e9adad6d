import { apiVersionOf, type Resource } from '@skerry/apiserver/registry/resource';
import type { JsonObject, KubeObject } from '@skerry/apiserver/json';
import { encodeHeld, type Held } from '@skerry/apiserver/storage/held';
import { kubeTime } from '@skerry/shared/clock';
import { cloudVersionAnnotation } from '../compose.ts';

/** When something that the node does not hold was read from the cluster. */
export const fetchedAtAnnotation = 'edge.skerry.io/fetched-at';

/** An object of the cluster as it was when it was read. */
export interface Fetched {
  readonly object: KubeObject;
  /** Milliseconds since the epoch, by the clock of the node. */
  readonly at: number;
}

/** Items of a list of built-in kinds do not say what they are. */
export function named(resource: Resource, item: JsonObject): KubeObject {
  const { kind } = resource;
  return { kind, apiVersion: apiVersionOf(resource), ...item } as KubeObject;
}

/** As it is shown: with the version that the cluster gave, and when it was read. */
export function shown({ storage }: Pick<Resource, 'storage'>, { object, at }: Fetched): Held {
  const { metadata } = object;
  const { namespace = '', name = '', resourceVersion = '' } = metadata;
  const annotations = {
    ...metadata.annotations,
    [cloudVersionAnnotation]: resourceVersion,
    [fetchedAtAnnotation]: kubeTime(at),
  };
  const key = { resource: storage, namespace, name };
  const marked = { ...object, metadata: { ...metadata, annotations } };
  return encodeHeld(key, marked, Number(resourceVersion));
}
