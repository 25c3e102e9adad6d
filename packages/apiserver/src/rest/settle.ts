import type { Held, StorageKey } from '../storage/held.ts';
import { encodeHeld } from '../storage/held.ts';
import type { Decide, ObjectStore } from '../storage/object-store.ts';
import { InvariantViolation } from '@skerry/shared/errors';

/** Carries out a decision, or with `dryRun` only says what would come of it. */
export async function settle(
  store: ObjectStore,
  key: StorageKey,
  decide: Decide,
  dryRun: boolean,
): Promise<Held> {
  const settled = dryRun ? rehearse(store, key, decide) : await store.change(key, decide);
  if (!settled) throw new InvariantViolation('a decision to keep what is not there');
  return settled;
}

function rehearse(store: ObjectStore, key: StorageKey, decide: Decide): Held | undefined {
  const held = store.get(key);
  const decision = decide(held);
  if (decision.do === 'keep') return held;
  return encodeHeld(key, decision.object, held?.revision ?? 0);
}
