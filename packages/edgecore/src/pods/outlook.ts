import type {
  ContainerId,
  ObservedContainer,
  ObservedPod,
  ObservedSandbox,
} from '../runtime/observed.ts';
import type { RestartPolicy } from './pod.ts';
import type { Recalled } from './pod-record.ts';
import type { ContainerShape, PodShape } from './pod-shape.ts';
import type { Progress } from './progress.ts';
import { CONTAINER_RESTARTS, restartOf } from './restart-delay.ts';

/** What is to become of one wanted container, its own history alone considered. */
export type Outlook =
  /** It runs as it should, or has ended for good. */
  | { readonly do: 'nothing' }
  /** It was created, and never started. */
  | { readonly do: 'start'; readonly container: ObservedContainer }
  /** It runs, but not what is wanted now, or not where. */
  | { readonly do: 'replace'; readonly container: ObservedContainer }
  /** It is to run (again), not before `at`. */
  | {
      readonly do: 'run';
      readonly attempt: number;
      readonly streak: number;
      readonly at: number;
      readonly delayMs: number;
    };

/** A pod as seen at one moment. */
export interface Scene {
  readonly shape: PodShape;
  readonly observed: Recalled;
  readonly progress: Progress;
  readonly now: number;
}

/** The sandbox in which containers are to run; undefined until there is one. */
export function runningSandbox({ sandboxes }: ObservedPod): ObservedSandbox | undefined {
  return sandboxes.findLast(({ state }) => state.phase === 'running');
}

/** The newest run of the container of that name. */
export function newestRun(observed: ObservedPod, name: string): ObservedContainer | undefined {
  return observed.containers.findLast(({ mark }) => mark.name === name);
}

export function outlook(wanted: ContainerShape, scene: Scene): Outlook {
  const newest = newestRun(scene.observed, wanted.name);
  if (!newest) return runNow(0, 0, scene.now);
  const { attempt, streak } = newest.mark;
  const isFit = fits(wanted, newest, scene);
  switch (newest.state.phase) {
    case 'created':
      return isFit ? { do: 'start', container: newest } : runNow(attempt + 1, streak, scene.now);
    case 'running':
      return isFit ? { do: 'nothing' } : { do: 'replace', container: newest };
    case 'exited':
      if (isOver(wanted, newest, newest.state.exitCode, scene)) return { do: 'nothing' };
      if (!isFit) return runNow(attempt + 1, 0, scene.now); // what ended it was not its own fault
      return runAgain(attempt + 1, { ...newest.state, streak }, scene.now);
  }
}

/** What is wanted, where it is wanted. */
function fits(wanted: ContainerShape, run: ObservedContainer, { observed }: Scene): boolean {
  return run.sandboxId === runningSandbox(observed)?.id && run.mark.hash === wanted.hash;
}

/** Whether a container that ended so is run again. */
export function restarts(policy: RestartPolicy, exitCode: number): boolean {
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

function isOver(
  wanted: ContainerShape,
  { id, sandboxId }: ObservedContainer,
  exitCode: number,
  { observed, progress }: Scene,
): boolean {
  // A new sandbox is a new life of the pod: it is initialised anew.
  if (wanted.role === 'init' && sandboxId !== runningSandbox(observed)?.id) return false;
  const stopped = progress.stops.get(id)?.why;
  if (stopped === 'replaced' || stopped === 'offline') return false; // it did not end by itself
  return !restarts(wanted.restartPolicy, exitCode);
}

function runNow(attempt: number, streak: number, now: number): Outlook {
  return { do: 'run', attempt, streak, at: now, delayMs: 0 };
}

function runAgain(
  attempt: number,
  run: { readonly startedAt: number; readonly finishedAt: number; readonly streak: number },
  now: number,
): Outlook {
  return { do: 'run', attempt, ...restartOf(run, CONTAINER_RESTARTS, now) };
}

/**
 * The containers whose turn has come, in their order: one init container after the other, each
 * sidecar once those before it are done or run, and all app containers once that is over. Where an
 * app container has been in this sandbox, it is over.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/init-containers/
 */
export function turnsCome({ shape, observed }: Scene): ContainerShape[] {
  const sandboxId = runningSandbox(observed)?.id;
  const turns: ContainerShape[] = [];
  if (isInitialized(shape, observed, sandboxId))
    return shape.containers.filter(({ role }) => role !== 'init');
  for (const container of shape.containers) {
    const state = stateIn(sandboxId, observed, container.name);
    if (container.role === 'init' && state === 'done') continue;
    turns.push(container);
    if (container.role !== 'app' && state !== 'running') return turns;
    if (container.role === 'init') return turns;
  }
  return turns;
}

function isInitialized(
  { containers }: PodShape,
  observed: ObservedPod,
  sandboxId: ContainerId | undefined,
): boolean {
  if (sandboxId === undefined) return false;
  return containers.some(
    ({ name, role }) => role === 'app' && newestRun(observed, name)?.sandboxId === sandboxId,
  );
}

function stateIn(
  sandboxId: ContainerId | undefined,
  observed: ObservedPod,
  name: string,
): 'running' | 'done' | 'none' {
  const run = newestRun(observed, name);
  if (!run || run.sandboxId !== sandboxId) return 'none';
  if (run.state.phase === 'running') return 'running';
  return run.state.phase === 'exited' && run.state.exitCode === 0 ? 'done' : 'none';
}
