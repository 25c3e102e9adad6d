import { selects } from '@skerry/shared/kube/label-selector';
import type { JsonObject, KubeObject } from '../../json.ts';
import type { Held } from '../../storage/held.ts';
import type { ClusterClient } from '../client/cluster-client.ts';
import { controllerOf, controllerReference, type KindOf } from '../client/kinds.ts';
import type { LabelSelector, Meta } from '../client/objects.ts';

/** An object that may have an owner; only those in a namespace have `metadata.namespace`. */
export interface Claimable extends KubeObject {
  metadata: Meta;
}

export interface Claimer {
  readonly kind: KindOf<KubeObject>;
  readonly owner: { readonly metadata: Meta };
  readonly selector: LabelSelector;
}

/** What an owner does about an object that may be its own. */
export type Claim = 'own' | 'adopt' | 'release' | 'none';

/**
 * Pure. An owner manages what it has made and still selects; it takes in what it selects and nobody
 * manages, and lets go what it no longer selects. One that is being deleted takes nothing in.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#non-template-pod-acquisitions
 */
export function judgeClaim({ owner, selector }: Claimer, object: Claimable): Claim {
  const controller = controllerOf(object);
  const isSelected = selects(selector)(object.metadata.labels ?? {});
  if (controller) {
    if (controller.uid !== owner.metadata.uid) return 'none';
    if (isSelected) return 'own';
    return isGoing(owner) || isGoing(object) ? 'none' : 'release';
  }
  return isSelected && !isGoing(owner) && !isGoing(object) ? 'adopt' : 'none';
}

/** The objects of `kind` in the owner's namespace that are its own, after adoption and release. */
export async function claim<T extends Claimable>(
  client: ClusterClient,
  kind: KindOf<T>,
  claimer: Claimer,
  mayAdopt: (object: T) => boolean = () => true,
): Promise<T[]> {
  const owned: T[] = [];
  const { namespace, uid } = claimer.owner.metadata;
  const isSelected = selects(claimer.selector);
  const mayBeOurs = (held: Held): boolean =>
    isSelected(held.labels) || client.controllerOf(held)?.uid === uid;
  for (const object of client.list(kind, namespace, mayBeOurs)) {
    const verdict = judgeClaim(claimer, object);
    if (verdict === 'own') owned.push(object);
    if (verdict === 'release') await release(client, kind, claimer, object);
    if (verdict === 'adopt' && mayAdopt(object)) {
      const adopted = await adopt(client, kind, claimer, object);
      if (adopted) owned.push(adopted);
    }
  }
  return owned;
}

function adopt<T extends Claimable>(
  client: ClusterClient,
  kind: KindOf<T>,
  claimer: Claimer,
  { metadata }: T,
): Promise<T | undefined> {
  return client.update(kind, metadata, (object) => {
    if (judgeClaim(claimer, object) !== 'adopt') return undefined;
    const reference = controllerReference(claimer.kind, claimer.owner);
    const owners = [...(object.metadata.ownerReferences ?? []), reference];
    return withMeta(object, { ownerReferences: owners });
  });
}

async function release<T extends Claimable>(
  client: ClusterClient,
  kind: KindOf<T>,
  { owner }: Claimer,
  { metadata }: T,
): Promise<void> {
  await client.update(kind, metadata, (object) => {
    const owners = (object.metadata.ownerReferences ?? []).filter(
      ({ uid }) => uid !== owner.metadata.uid,
    );
    return withMeta(object, { ownerReferences: owners });
  });
}

/** The object with these fields of its metadata. */
export function withMeta<T extends KubeObject>(object: T, fields: JsonObject): T {
  return { ...object, metadata: { ...object.metadata, ...fields } };
}

function isGoing({ metadata }: { readonly metadata: Meta }): boolean {
  return metadata.deletionTimestamp !== undefined;
}
