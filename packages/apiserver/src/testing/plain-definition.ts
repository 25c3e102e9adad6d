import type { Json } from '../json.ts';

/** A namespaced kind `Lamp` of `example.com` whose objects may say anything; the first version is stored. */
export function plainDefinition(
  plural = 'lamps',
  versions: readonly string[] = ['v1'],
): Readonly<Record<string, Json>> {
  const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural, kind: 'Lamp' },
      versions: versions.map((name, at) => ({
        name,
        served: true,
        storage: at === 0,
        schema: { openAPIV3Schema },
      })),
    },
  };
}
