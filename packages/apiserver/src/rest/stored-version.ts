import type { KubeObject } from '../json.ts';
import { apiVersionOf, type Resource } from '../registry/resource.ts';

/**
 * All versions of a custom resource share one stored form; they differ in `apiVersion` alone
 * (conversion strategy `None`).
 */
export function toStored(resource: Resource, object: KubeObject): KubeObject {
  if (resource.storedAs) return resource.storedAs.toStored(object);
  if (!resource.custom) return object;
  return { ...object, apiVersion: resource.custom.storedAs };
}

/** The other way: as the version that was asked for. */
export function toServed(resource: Resource, object: KubeObject): KubeObject {
  if (resource.storedAs) return resource.storedAs.toServed(object);
  return { ...object, apiVersion: apiVersionOf(resource) };
}
