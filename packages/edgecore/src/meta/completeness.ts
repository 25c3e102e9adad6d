import type { Store } from '@skerry/shared/store';

/**
 * Resolves when what the store holds is all that the node is to hold: at once when the store has been
 * level with the hub before, otherwise when it is for the first time. Until then absence means nothing:
 * a store that begins anew (first start, lost disk) must not make the node end what it runs.
 */
export async function whenComplete(store: Store, whenLevel: Promise<void>): Promise<void> {
  const state = store.table('state');
  if (await state.get('complete')) return;
  await whenLevel;
  await store.commit([state.put('complete', new Uint8Array())]);
}
