import { kubeTime } from '@skerry/shared/clock';
import type { Exited, ObservedContainer, PodIdentity } from '../runtime/observed.ts';
import { newestRun, outlook, type Outlook } from './outlook.ts';
import type { RunScene } from './plan.ts';
import type { ContainerStatus, ContainerStatusState, TerminatedState } from './pod.ts';
import type { ContainerShape } from './pod-shape.ts';
import { containerPart, imageKey, pullFailureShownUntil, type ImageProgress } from './progress.ts';
import { hasStarted, isReady, postStartPhase } from './wellbeing.ts';

/** What the status of a pod is made of, besides what its plan is. */
export interface StatusScene extends RunScene {
  /** Scheme of container ids: the name of the runtime. */
  readonly runtimeName: string;
  /** Why no runtime can run this pod now. */
  readonly unavailable?: Unavailable | undefined;
  /** The pod has been deleted or has run to its end: what has ended stays so. */
  readonly isEnding: boolean;
}

/** Why a pod cannot run now, as its status says it. */
export interface Unavailable {
  readonly reason: string;
  readonly message: string;
}

interface Waiting {
  readonly reason: string;
  readonly message?: string;
}

/** One container's status as a kubelet reports it. Source: `pkg/kubelet/kubelet_pods.go`. */
export function containerStatus(wanted: ContainerShape, scene: StatusScene): ContainerStatus {
  const newest = newestRun(scene.observed, wanted.name);
  const state = stateOf(wanted, newest, scene);
  const fares = (judge: typeof isReady): boolean =>
    newest !== undefined && judge(wanted, newest, scene.progress);
  return {
    name: wanted.name,
    image: wanted.image,
    imageID: newest?.imageId ?? '',
    ...(newest && { containerID: idOf(newest, scene) }),
    ready: wanted.role === 'init' ? state.terminated?.exitCode === 0 : fares(isReady),
    started: fares(hasStarted),
    restartCount: newest?.mark.attempt ?? 0,
    state,
    lastState: lastStateOf(wanted, state, scene),
  };
}

function stateOf(
  wanted: ContainerShape,
  newest: ObservedContainer | undefined,
  scene: StatusScene,
): ContainerStatusState {
  if (!newest || newest.state.phase === 'created')
    return { waiting: waitingFor(wanted, scene) ?? awaitingItsTurn(scene) };
  if (newest.state.phase === 'running') {
    const waiting = comingUp(wanted, newest, scene);
    return waiting ? { waiting } : { running: { startedAt: kubeTime(newest.state.startedAt) } };
  }
  const waiting = scene.isEnding ? undefined : waitingFor(wanted, scene);
  return waiting ? { waiting } : { terminated: terminated(newest, newest.state, scene) };
}

/** A kubelet says that a container runs once its postStart hook is over. */
function comingUp(
  wanted: ContainerShape,
  run: ObservedContainer,
  scene: StatusScene,
): Waiting | undefined {
  if (scene.isEnding) return undefined;
  const hook = scene.progress.postStarts.get(run.id);
  if (wanted.hooks.postStart && hook?.phase === 'failed')
    return { reason: 'PostStartHookError', message: hook.message };
  const isOver = postStartPhase(wanted, run, scene.progress) === 'done';
  return isOver ? undefined : awaitingItsTurn(scene);
}

/** The newest end that `state` itself does not show. */
function lastStateOf(
  { name }: ContainerShape,
  state: ContainerStatusState,
  scene: StatusScene,
): ContainerStatusState {
  const shown = state.terminated ? newestRun(scene.observed, name)?.id : undefined;
  const last = scene.observed.containers.findLast(
    (run) => run.mark.name === name && run.state.phase === 'exited' && run.id !== shown,
  );
  return last?.state.phase === 'exited' ? { terminated: terminated(last, last.state, scene) } : {};
}

function terminated(
  run: ObservedContainer,
  { exitCode, reason, message, startedAt, finishedAt }: Exited,
  scene: StatusScene,
): TerminatedState {
  return {
    exitCode,
    reason,
    ...(message !== undefined && { message }),
    startedAt: kubeTime(startedAt),
    finishedAt: kubeTime(finishedAt),
    containerID: idOf(run, scene),
  };
}

function idOf({ id }: ObservedContainer, { runtimeName }: StatusScene): string {
  return `${runtimeName}://${id}`;
}

/** What keeps a container from running, if anything does but the time it takes. */
function waitingFor(wanted: ContainerShape, scene: StatusScene): Waiting | undefined {
  const next = outlook(wanted, scene);
  if (next.do === 'nothing' || next.do === 'replace' || next.do === 'cure') return undefined;
  if (scene.unavailable !== undefined) return scene.unavailable;
  return backingOff(wanted, next, scene) ?? unfit(wanted, scene) ?? faulty(wanted, scene);
}

function backingOff(
  { name }: ContainerShape,
  next: Outlook,
  { now, shape }: StatusScene,
): Waiting | undefined {
  if (next.do !== 'run' || next.at <= now) return undefined;
  const what = `restarting failed container=${name} pod=${podLabel(shape.pod)}`;
  return { reason: 'CrashLoopBackOff', message: `back-off ${goDuration(next.delayMs)} ${what}` };
}

function unfit({ name }: ContainerShape, scene: StatusScene): Waiting | undefined {
  const message = scene.unfit.get(name);
  return message === undefined ? undefined : { reason: 'CreateContainerConfigError', message };
}

function faulty(wanted: ContainerShape, scene: StatusScene): Waiting | undefined {
  const image = scene.progress.images.get(imageKey(wanted));
  if (image?.phase === 'failed') return imageFailure(wanted, image, scene.now);
  const fault = scene.progress.faults.get(containerPart(wanted));
  return fault && { reason: fault.reason, message: fault.message };
}

function imageFailure(
  { image }: ContainerShape,
  held: Extract<ImageProgress, { phase: 'failed' }>,
  now: number,
): Waiting {
  const { reason, message } = held.fault;
  const isFresh = pullFailureShownUntil(held, now) !== undefined;
  if (reason !== 'ErrImagePull' || isFresh) return { reason, message };
  return {
    reason: 'ImagePullBackOff',
    message: `Back-off pulling image "${image}": ErrImagePull: ${message}`,
  };
}

function awaitingItsTurn({ shape }: StatusScene): Waiting {
  const hasInit = shape.containers.some(({ role }) => role !== 'app');
  return { reason: hasInit ? 'PodInitializing' : 'ContainerCreating' };
}

/** `name_namespace(uid)`, as in the messages of a kubelet. */
export function podLabel({ name, namespace, uid }: PodIdentity): string {
  return `${name}_${namespace}(${uid})`;
}

/** A duration as Go prints it: `10s`, `1m20s`, `5m0s`. */
export function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
