import type { Condition, Pod } from '../client/objects.ts';

/** Neither ended nor being ended. */
export function isActive(pod: Pod): boolean {
  return !hasEnded(pod) && !isEnding(pod);
}

export function isEnding({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

export function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

export function isReady(pod: Pod): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True';
}

export function conditionOf({ status }: Pod, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/**
 * How long until a pod counts as available, if it stays ready, milliseconds; 0: it is available now;
 * undefined: it is not ready.
 */
export function availableInMs(pod: Pod, minReadySeconds: number, now: number): number | undefined {
  const ready = conditionOf(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  if (minReadySeconds === 0) return 0;
  const since = Date.parse(ready.lastTransitionTime ?? '');
  if (Number.isNaN(since)) return minReadySeconds * 1000;
  return Math.max(0, since + minReadySeconds * 1000 - now);
}

export function isAvailable(pod: Pod, minReadySeconds: number, now: number): boolean {
  return availableInMs(pod, minReadySeconds, now) === 0;
}

/** When the first of the pods that are ready but not yet available will be, milliseconds from now. */
export function nextAvailableMs(
  pods: readonly Pod[],
  minReadySeconds: number,
  now: number,
): number | undefined {
  const waits = pods
    .map((pod) => availableInMs(pod, minReadySeconds, now))
    .filter((wait): wait is number => wait !== undefined && wait > 0);
  return waits.length === 0 ? undefined : Math.min(...waits);
}

export function createdAt({
  metadata,
}: {
  readonly metadata: { creationTimestamp?: string };
}): number {
  return Date.parse(metadata.creationTimestamp ?? '') || 0;
}

/** Oldest first; equal ages by name. */
export function byAge<
  T extends { readonly metadata: { creationTimestamp?: string; name?: string } },
>(one: T, other: T): number {
  const difference = createdAt(one) - createdAt(other);
  return difference || compareText(one.metadata.name ?? '', other.metadata.name ?? '');
}

/** In the order of code units, as the API lists names. */
export function compareText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
