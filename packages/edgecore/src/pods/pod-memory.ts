import type { Uid, Version } from '@skerry/shared/names';
import type { PodVerdict } from './admission.ts';
import type { PodRecord } from './pod-record.ts';
import type { PodProgress } from './progress.ts';

/** How far the verification of a pod has come. */
export type PodVerification =
  | { readonly phase: 'passed' }
  | { readonly phase: 'running'; readonly why: string }
  /** Blocked; tried again at `at`, milliseconds since the Unix epoch. */
  | { readonly phase: 'blocked'; readonly why: string; readonly at: number };

/** What the agent knows of one pod (one uid) between turns. */
export interface PodMemory {
  readonly uid: Uid;
  readonly progress: PodProgress;
  readonly directory: string;
  record: PodRecord;
  /** The record as it was last kept: what differs from it is to be said and kept. */
  kept: PodRecord;
  /** What ended containers have said about their ends, by id. */
  readonly lastWords: Map<string, string>;
  /** Version of the object whose status was last compared with what was reported. */
  comparedVersion?: Version | undefined;
  /** It is to be failed for this reason, as soon as its turn comes. */
  condemned?: PodVerdict | undefined;
  /** Why the volumes could not be had when that was last told. */
  volumeProblem?: string | undefined;
  /** How far its verification has come, where it asks for one. */
  verification?: PodVerification | undefined;
  verifyDelays?: Generator<number, never> | undefined;
  /** Nothing of it is left here, and that was reported. */
  hasLeft?: boolean | undefined;
}
