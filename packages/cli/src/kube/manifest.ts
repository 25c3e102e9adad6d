import { InvariantViolation } from '@skerry/shared/errors';

/** A Kubernetes object as a person writes it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** How paths call the kinds that this command makes objects of. */
const plurals: Readonly<Record<string, string>> = {
  ConfigMap: 'configmaps',
  CustomResourceDefinition: 'customresourcedefinitions',
  Device: 'devices',
  DeviceModel: 'devicemodels',
  Pod: 'pods',
};

/**
 * Path of the collection that an object belongs in. Throws InvariantViolation for a kind that no
 * command of ours makes.
 *
 * Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
 */
export function collectionOf({ apiVersion, kind, metadata }: Manifest): string {
  const plural = plurals[kind];
  if (plural === undefined) throw new InvariantViolation(`no plural known of ${kind}`);
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const scope = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  return `${root}${scope}/${plural}`;
}

/** Path of one object. */
export function pathOf(manifest: Manifest): string {
  return `${collectionOf(manifest)}/${manifest.metadata.name}`;
}
