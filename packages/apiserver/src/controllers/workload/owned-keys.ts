import { selects } from '@skerry/shared/kube/label-selector';
import type { KubeObject } from '../../json.ts';
import type { Held } from '../../storage/held.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import type { KindOf } from '../client/kinds.ts';
import type { LabelSelector, Meta } from '../client/objects.ts';

export interface Selecting extends KubeObject {
  metadata: Meta;
  spec: { selector: LabelSelector };
}

/** The key of the `kind` that manages an object, if one does. */
export function keysOfController(
  client: ClusterClient,
  { apiVersion, kind }: KindOf<KubeObject>,
): (held: Held) => readonly string[] {
  return (held) => {
    const controller = client.controllerOf(held);
    const isOurs = controller?.kind === kind && controller.apiVersion === apiVersion;
    return isOurs ? [`${held.namespace}/${controller.name}`] : [];
  };
}

/** The key of the `kind` that manages an object; when nobody does, of those that would take it in. */
export function keysOfOwners<T extends Selecting>(
  client: ClusterClient,
  kind: KindOf<T>,
): (held: Held) => readonly string[] {
  const keysOfManaged = keysOfController(client, kind);
  return (held) => {
    if (client.controllerOf(held)) return keysOfManaged(held);
    return client
      .list(kind, held.namespace)
      .filter(({ spec }) => selects(spec.selector)(held.labels))
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  };
}
