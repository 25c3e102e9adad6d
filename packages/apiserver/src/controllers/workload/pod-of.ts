import type { JsonObject, KubeObject } from '../../json.ts';
import { controllerReference, type KindOf } from '../client/kinds.ts';
import type { Meta, PodTemplate } from '../client/objects.ts';

export interface PodName {
  readonly name?: string;
  readonly generateName?: string;
}

/** A pod as its template says, that belongs to `owner`. */
export function podOf(
  kind: KindOf<KubeObject>,
  owner: { readonly metadata: Meta },
  template: PodTemplate,
  named: PodName = { generateName: `${owner.metadata.name}-` },
): JsonObject & { metadata: JsonObject } {
  const { labels, annotations, finalizers } = (template.metadata ?? {}) as JsonObject;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...named,
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controllerReference(kind, owner)],
    },
    spec: structuredClone(template.spec),
  };
}
