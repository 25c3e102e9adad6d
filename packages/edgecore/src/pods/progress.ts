import type { ProbeKind, Verdict } from '../probes/weigh.ts';
import type { ContainerId } from '../runtime/observed.ts';
import type { PodStatus } from './pod.ts';

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
  | {
      readonly phase: 'failed';
      readonly fault: Fault;
      /** Since when the pod's status says so. */
      readonly toldAt?: number;
    };

/** What is wrong with a container that runs: `health` is the verdict of the image's own check. */
export type Ailment = 'startup' | 'liveness' | 'health' | 'post-start';

/** Why a container is stopped. */
export type StopReason =
  'deleted' | 'replaced' | 'finished' | 'stray' | 'sandbox-lost' | 'offline' | Ailment;

/** What the probes of one run say of it; absent where none has said anything yet. */
export type Verdicts = Readonly<Partial<Record<ProbeKind, Verdict>>>;

/** How far the postStart hook of one run has come. */
export type PostStart =
  { readonly phase: 'running' | 'done' } | { readonly phase: 'failed'; readonly message: string };

const ailments: ReadonlySet<StopReason> = new Set<Ailment>([
  'startup',
  'liveness',
  'health',
  'post-start',
]);

export function isAilment(why: StopReason | undefined): why is Ailment {
  return why !== undefined && ailments.has(why);
}

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
  readonly verdicts: ReadonlyMap<ContainerId, Verdicts>;
  /** Absent where the hook has not begun. */
  readonly postStarts: ReadonlyMap<ContainerId, PostStart>;
  /** Runs whose preStop hook has begun. */
  readonly preStops: { has(id: ContainerId): boolean };
  /** Since when the pod is being ended, and within which grace. */
  readonly ending?: { readonly since: number } | undefined;
}

/** How long a failed pull shows as `ErrImagePull` before it shows as `ImagePullBackOff`. */
const PULL_FAILURE_SHOWN_MS = 2000;

/** Until when a failed pull shows as such, however late it is told; undefined: it does no more. */
export function pullFailureShownUntil(
  { fault, toldAt }: Extract<ImageProgress, { phase: 'failed' }>,
  now: number,
): number | undefined {
  const until = (toldAt ?? now) + PULL_FAILURE_SHOWN_MS;
  return fault.failures === 1 && now < until ? until : undefined;
}

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
  readonly verdicts: Map<ContainerId, Verdicts> = new Map();
  readonly postStarts: Map<ContainerId, PostStart> = new Map();
  /** Each resolves when its hook is over, whatever came of it. */
  readonly preStops: Map<ContainerId, Promise<void>> = new Map();

  /**
   * Takes over what an earlier agent has reported of the containers that run: one that was ready is so
   * until a probe says otherwise, and hooks are not run twice.
   */
  adopt(reported: PodStatus | undefined): void {
    const { initContainerStatuses = [], containerStatuses = [] } = reported ?? {};
    for (const { containerID, state, started, ready } of [
      ...initContainerStatuses,
      ...containerStatuses,
    ]) {
      if (containerID === undefined || state.running === undefined) continue;
      const id = containerID.slice(containerID.indexOf('://') + 3);
      this.postStarts.set(id, { phase: 'done' });
      if (started) this.conclude(id, 'startup', 'success');
      if (ready) this.conclude(id, 'readiness', 'success');
    }
  }

  conclude(id: ContainerId, kind: ProbeKind, verdict: Verdict): void {
    this.verdicts.set(id, { ...this.verdicts.get(id), [kind]: verdict });
  }

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

  /** A status says by now which pulls failed. */
  tellImages(now: number): void {
    for (const [key, held] of this.images)
      if (held.phase === 'failed') this.images.set(key, { toldAt: now, ...held });
  }

  /** Drops what is about containers that are no more. */
  forgetOthers(ids: ReadonlySet<ContainerId>): void {
    for (const known of [this.stops, this.verdicts, this.postStarts, this.preStops])
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
  }
}
