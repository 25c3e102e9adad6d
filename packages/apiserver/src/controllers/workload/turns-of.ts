import type { Requeue } from '@skerry/shared/workqueue';
import { isNamespaceTerminating } from '../../refusals.ts';
import { placeOf, type ClusterClient } from '../client/cluster-client.ts';
import type { KindOf } from '../client/kinds.ts';
import type { Claimable } from './claim.ts';

/** Turns that keep the objects of a kind; those that are gone or go, or whose namespace goes, are let be. */
export function turnsOf<T extends Claimable>(
  client: ClusterClient,
  kind: KindOf<T>,
  keep: (object: T) => Promise<Requeue>,
): (key: string) => Promise<Requeue> {
  return async (key) => {
    const object = client.get(kind, placeOf(key));
    if (!object || object.metadata.deletionTimestamp !== undefined) return undefined;
    try {
      return await keep(object);
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined;
      throw error;
    }
  };
}
