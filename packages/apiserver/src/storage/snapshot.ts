import type { Held, Revision } from './held.ts';
import type { ResourceLog } from './resource-log.ts';

/**
 * The objects of a resource as they stood at `revision`: what stands now, with every later event taken
 * back. Throws HistoryForgotten when the history does not reach that far.
 */
export function snapshotAt(
  now: readonly Held[],
  log: ResourceLog,
  revision: Revision,
): readonly Held[] {
  const later = log.after(revision);
  if (later.length === 0) return now;
  const before = new Map<string, Held | undefined>();
  for (const { held, previous } of later.toReversed()) before.set(held.id, previous);
  const untouched = now.filter(({ id }) => !before.has(id));
  const restored = [...before.values()].filter((held) => held !== undefined);
  return [...untouched, ...restored].sort((a, b) => (a.id < b.id ? -1 : 1));
}
