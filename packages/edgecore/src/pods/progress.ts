import type { ContainerId } from '../runtime/observed.ts';

/** Why something of a pod waits, in the words of a kubelet. */
export interface Fault {
  readonly reason: string;
  readonly message: string;
  /** When it failed last, milliseconds since the epoch. */
  readonly failedAt: number;
  /** Failures in a row. */
  readonly failures: number;
  readonly retryAt: number;
}

/** How far the image of a container's next run has come. */
export type ImageProgress =
  | { readonly phase: 'pulling' }
  | { readonly phase: 'ready'; readonly id: string }
  | { readonly phase: 'failed'; readonly fault: Fault };

/** Why a container is stopped. */
export type StopReason = 'deleted' | 'replaced' | 'finished' | 'stray' | 'sandbox-lost' | 'offline';

export interface Stopping {
  /** When it is killed at the latest. */
  readonly deadline: number;
  readonly why: StopReason;
}

/** What may fail besides a container. */
export type FaultyPart = 'sandbox' | 'volumes' | `container ${string}`;

/**
 * What this agent has begun for one pod, or failed at. It lives in memory: a restarted agent begins
 * or fails again, and loses nothing by it.
 */
export interface Progress {
  /** Digest of the volumes as last prepared. */
  readonly preparedVolumes?: string | undefined;
  /** By `imageKey`. */
  readonly images: ReadonlyMap<string, ImageProgress>;
  readonly stops: ReadonlyMap<ContainerId, Stopping>;
  readonly faults: ReadonlyMap<FaultyPart, Fault>;
  /** Since when the pod is being ended, and within which grace. */
  readonly ending?: { readonly since: number } | undefined;
}

/** How long a failed pull shows as `ErrImagePull` before it shows as `ImagePullBackOff`. */
export const PULL_FAILURE_SHOWN_MS = 2000;

/** A changed container is tried at once, whatever happened to what it was before. */
export function containerPart(container: Named): FaultyPart {
  return `container ${imageKey(container)}`;
}

interface Named {
  readonly name: string;
  readonly hash: string;
}

/** A changed container needs its image anew. */
export function imageKey({ name, hash }: Named): string {
  return `${name}@${hash}`;
}

/** Until when a fault forbids to try again; undefined when nothing does. */
export function heldBack({ faults }: Progress, part: FaultyPart, now: number): number | undefined {
  const retryAt = faults.get(part)?.retryAt;
  return retryAt !== undefined && retryAt > now ? retryAt : undefined;
}

/** Delays between attempts that fail: doubled from `firstMs` to `maxMs`. */
export interface RetryLimits {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Creating and starting containers, and pulling images: as a kubelet. */
export const CONTAINER_RETRIES: RetryLimits = { firstMs: 10_000, maxMs: 300_000 };
/** Sandboxes and volumes: what stands in their way often passes quickly. */
export const PART_RETRIES: RetryLimits = { firstMs: 1000, maxMs: 120_000 };

/** The fault after one more failure at `now`. */
export function failedAgain(
  before: Fault | undefined,
  { reason, message }: Pick<Fault, 'reason' | 'message'>,
  { firstMs, maxMs }: RetryLimits,
  now: number,
): Fault {
  const failures = (before?.failures ?? 0) + 1;
  const retryAt = now + Math.min(firstMs * 2 ** (failures - 1), maxMs);
  return { reason, message, failedAt: now, failures, retryAt };
}

/** Progress as the agent writes it down while it works. */
export class PodProgress implements Progress {
  preparedVolumes: string | undefined;
  ending: { readonly since: number } | undefined;
  readonly images: Map<string, ImageProgress> = new Map();
  readonly stops: Map<ContainerId, Stopping> = new Map();
  readonly faults: Map<FaultyPart, Fault> = new Map();

  fail(part: FaultyPart, why: Pick<Fault, 'reason' | 'message'>, now: number): void {
    const limits = part.startsWith('container ') ? CONTAINER_RETRIES : PART_RETRIES;
    this.faults.set(part, failedAgain(this.faults.get(part), why, limits, now));
  }

  failImage(
    key: string,
    why: Pick<Fault, 'reason' | 'message'>,
    before: Fault | undefined,
    now: number,
  ): void {
    const fault = failedAgain(before, why, CONTAINER_RETRIES, now);
    this.images.set(key, { phase: 'failed', fault });
  }

  /** Drops what is about containers that are no more. */
  forgetOthers(ids: ReadonlySet<ContainerId>): void {
    for (const id of this.stops.keys()) if (!ids.has(id)) this.stops.delete(id);
  }
}
