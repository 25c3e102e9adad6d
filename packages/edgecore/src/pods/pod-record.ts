import type { GivenPieces } from '../node/pieces.ts';
import type { Exited, ObservedContainer, ObservedPod, PodIdentity } from '../runtime/observed.ts';
import { unknownEnd } from '../runtime/observed.ts';
import type { PodVerdict } from './admission.ts';
import type { ContainerStatus, PodStatus, TerminatedState } from './pod.ts';

/**
 * What must be known of a pod after a restart of the agent or of the machine, and that neither the
 * pod's object nor the runtime can tell.
 */
export interface PodRecord {
  /** When this node first saw the pod, milliseconds since the epoch. */
  readonly startTime: number;
  /**
   * By container name, as last seen: the newest run and the newest that had ended before it, so that
   * counts and last states outlive the containers.
   */
  readonly runs: Readonly<Record<string, readonly ObservedContainer[]>>;
  /** Why it is failed, where no container of its own is the reason. */
  readonly verdict?: PodVerdict | undefined;
  /** Pieces of the machine that its containers have for themselves. */
  readonly given?: GivenPieces | undefined;
  /** What was last reported. */
  readonly reported?: PodStatus | undefined;
}

export function newRecord(startTime: number): PodRecord {
  return { startTime, runs: {} };
}

/**
 * The record of a pod that has none: of a new one, or of one whose record the machine has lost, for which
 * its status tells what ran last.
 */
export function recordFrom(
  pod: PodIdentity,
  status: PodStatus | undefined,
  startTime: number,
): PodRecord {
  const { initContainerStatuses = [], containerStatuses = [] } = status ?? {};
  const runs = [...initContainerStatuses, ...containerStatuses].flatMap((one) => {
    const run = runOf(pod, one);
    return run ? [[one.name, [run]] as const] : [];
  });
  return { ...newRecord(startTime), runs: Object.fromEntries(runs) };
}

/** Made as nobody knows: what is to run now is made anew. */
function runOf(pod: PodIdentity, status: ContainerStatus): ObservedContainer | undefined {
  const { name, containerID, image, imageID: imageId, restartCount: attempt } = status;
  const { running, terminated = status.lastState.terminated } = status.state;
  if (containerID === undefined || !(running ?? terminated)) return undefined;
  return {
    id: containerID.slice(containerID.indexOf('://') + 3),
    mark: { pod, name, attempt, streak: 0, hash: '', graceSeconds: 0 },
    sandboxId: '',
    image,
    imageId,
    state: running
      ? { phase: 'running', startedAt: Date.parse(running.startedAt) }
      : endFrom(terminated),
  };
}

function endFrom(terminated: TerminatedState | undefined): Exited {
  const { startedAt = '', finishedAt = '', exitCode = 0, reason = '', message } = terminated ?? {};
  const times = { startedAt: Date.parse(startedAt), finishedAt: Date.parse(finishedAt) };
  return { phase: 'exited', ...times, exitCode, reason, message };
}

/** The record with the newest runs of what is seen now, which may hold what was recalled before. */
export function remember(record: PodRecord, { containers }: ObservedPod): PodRecord {
  const byName = Map.groupBy(containers, ({ mark }) => mark.name);
  return {
    ...record,
    runs: Object.fromEntries([...byName].map(([name, all]) => [name, newest(all)])),
  };
}

function newest(runs: readonly ObservedContainer[]): ObservedContainer[] {
  const last = runs.at(-1);
  const ended = runs.findLast((run) => run !== last && run.state.phase === 'exited');
  return [ended, last].filter((run) => run !== undefined);
}

/**
 * What is seen now, and the runs that are remembered but gone, as if they had just ended in a way
 * nobody knows. These exist only here: there is nothing to stop or remove.
 */
export function recall(record: PodRecord, observed: ObservedPod, now: number): Recalled {
  const seen = new Set(observed.containers.map(({ id }) => id));
  const gone = Object.values(record.runs)
    .flat()
    .filter(({ id }) => !seen.has(id))
    .map((run) => ({ ...run, state: endOf(run, now) }));
  return {
    ...observed,
    containers: [...gone, ...observed.containers].toSorted(
      (a, b) => a.mark.attempt - b.mark.attempt,
    ),
    gone: new Set(gone.map(({ id }) => id)),
  };
}

/** A pod as observed, with what is only remembered of it. */
export interface Recalled extends ObservedPod {
  /** Ids of containers that are only remembered. */
  readonly gone: ReadonlySet<string>;
}

function endOf({ state }: ObservedContainer, now: number): ObservedContainer['state'] {
  if (state.phase === 'exited') return state;
  return unknownEnd(state.phase === 'running' ? state.startedAt : 0, now);
}
