import type { Clock } from '@skerry/shared/clock';

/** A hub that stops sends so many nodes away per second, if there is time: others have to take them in. */
export const drainedPerSecond = 200;
/** Time between two groups of nodes sent away, milliseconds. */
const groupEveryMs = 100;

/** How many nodes of `count` go with each group, so that all are gone after `withinMs`. Pure. */
export function groupSize(count: number, withinMs: number): number {
  const groups = Math.max(1, Math.floor(withinMs / groupEveryMs));
  return Math.max(Math.ceil(count / groups), (drainedPerSecond * groupEveryMs) / 1_000);
}

/** Sends all away in groups, spread over `withinMs` at most; resolves when the last has been told. */
export async function inGroups<T>(
  all: readonly T[],
  send: (one: T) => void,
  { clock, withinMs }: { readonly clock: Clock; readonly withinMs: number },
): Promise<void> {
  const size = groupSize(all.length, withinMs);
  const forever = new AbortController().signal;
  for (let from = 0; from < all.length; from += size) {
    if (from > 0) await clock.sleep(groupEveryMs, forever);
    for (const one of all.slice(from, from + size)) send(one);
  }
}
