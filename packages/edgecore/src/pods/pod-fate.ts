import type { PodVerdict } from './admission.ts';
import { stoppedOfflineAt } from './offline-policy.ts';
import type { PodObject } from './pod.ts';
import type { PodRecord } from './pod-record.ts';
import { finalPhase } from './pod-status.ts';

/** What else than its own containers decides about a pod. */
export interface PodFate {
  readonly isDeleted: boolean;
  /** Stopped for as long as the node is cut off. */
  readonly isPaused: boolean;
  /** What has ended stays so, at least for now. */
  readonly isEnding: boolean;
  /** Why it is failed, where no container of its own is the reason. */
  readonly verdict?: PodVerdict | undefined;
  /** When time alone may change this, milliseconds since the epoch. */
  readonly turnsAt: readonly number[];
}

export interface FateScene {
  readonly object: PodObject;
  readonly record: PodRecord;
  /** It is to be failed for this reason. */
  readonly condemned: PodVerdict | undefined;
  /** Milliseconds since the epoch; undefined while the node is connected. */
  readonly cutOffSince: number | undefined;
  readonly now: number;
}

const overdue: PodVerdict = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

/** Pure. A pod that has ended by itself is neither failed nor paused any more. */
export function fateOf(scene: FateScene): PodFate {
  const { object, record, now } = scene;
  const isDeleted = isBeingDeleted(object);
  const hasEnded = finalPhase(object, record.reported, record.verdict) !== undefined;
  if (hasEnded)
    return { isDeleted, isPaused: false, isEnding: true, verdict: record.verdict, turnsAt: [] };
  const stopAt = stoppedOfflineAt(object, scene.cutOffSince);
  const deadline = deadlineOf(object, record);
  const isPaused = hasCome(stopAt, now);
  const verdict = scene.condemned ?? (hasCome(deadline, now) ? overdue : undefined);
  return {
    isDeleted,
    isPaused,
    isEnding: isDeleted || isPaused || verdict !== undefined,
    verdict,
    turnsAt: [stopAt, deadline].filter((time) => time !== undefined && time > now) as number[],
  };
}

export function isBeingDeleted({ metadata }: PodObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function deadlineOf({ spec }: PodObject, { startTime }: PodRecord): number | undefined {
  const { activeDeadlineSeconds: seconds } = spec;
  return seconds === undefined ? undefined : startTime + seconds * 1000;
}

function hasCome(time: number | undefined, now: number): boolean {
  return time !== undefined && time <= now;
}
