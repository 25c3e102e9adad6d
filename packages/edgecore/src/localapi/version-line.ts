import type { Revision } from '@skerry/apiserver/storage/held';
import type { Store } from '@skerry/shared/store';

const KEY = 'line';
/** More changes than a process ever makes. */
const STRIDE = 1_000_000_000;

/**
 * Where this start's line of versions begins: above every version that an earlier start of the agent gave,
 * whatever the clock says, so that a watch that resumes from one of those is told that it is too old.
 * Durable when it resolves. Milliseconds since 1970, or a stride above the last line.
 */
export async function beginLine(store: Store, now: number): Promise<Revision> {
  const table = store.table('local-api');
  const kept = await table.get(KEY);
  const last = kept ? Number(Buffer.from(kept).toString('utf8')) : 0;
  const first = Math.max(now, last + STRIDE);
  await store.commit([table.put(KEY, Buffer.from(String(first)))]);
  return first;
}
