import { objectKey, resourceName, type ObjectKey, type ResourceName } from '@skerry/shared/names';
import type { PodIdentity } from '../runtime/observed.ts';

export const PODS: ResourceName = resourceName('pods');

export function podKey({ namespace, name }: Omit<PodIdentity, 'uid'>): ObjectKey {
  return objectKey(PODS, namespace, name);
}
