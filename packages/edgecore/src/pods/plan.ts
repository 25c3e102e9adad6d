import type { ContainerId, ObservedContainer, ObservedSandbox } from '../runtime/observed.ts';
import {
  newestRun,
  outlook,
  runningSandbox,
  turnsCome,
  type Outlook,
  type Scene,
} from './outlook.ts';
import type { Fitted } from './pod-errors.ts';
import type { ContainerShape } from './pod-shape.ts';
import {
  containerPart,
  heldBack,
  imageKey,
  type StopReason,
  pullFailureShownUntil,
} from './progress.ts';
import { SANDBOX_RESTARTS, restartOf } from './restart-delay.ts';
import { postStartPhase } from './wellbeing.ts';

/** Everything that can be done for a pod. Steps of one plan do not depend on each other. */
export type Step =
  | { readonly do: 'prepareVolumes'; readonly digest: string }
  | { readonly do: 'runSandbox'; readonly attempt: number; readonly streak: number }
  /** Takes as long as it takes: begun, not waited for. */
  | {
      readonly do: 'ensureImage';
      readonly container: string;
      /** The container runs, and goes on doing so until the image is here. */
      readonly isUpdate?: true;
    }
  | {
      readonly do: 'run';
      readonly container: string;
      readonly attempt: number;
      readonly streak: number;
      readonly sandboxId: ContainerId;
      readonly imageId: string;
    }
  | { readonly do: 'start'; readonly container: string; readonly id: ContainerId }
  /** Takes as long as it takes: begun, not waited for. */
  | { readonly do: 'postStart'; readonly container: string; readonly id: ContainerId }
  /** The hook alone, of a container whose turn to end comes later: begun, not waited for. */
  | {
      readonly do: 'preStop';
      readonly container: string;
      readonly id: ContainerId;
      readonly graceSeconds: number;
    }
  /** Takes up to its grace, its preStop hook included: begun, not waited for. */
  | {
      readonly do: 'stop';
      readonly container: string;
      readonly id: ContainerId;
      readonly graceSeconds: number;
      readonly why: StopReason;
    }
  | { readonly do: 'remove'; readonly container: string; readonly id: ContainerId }
  | { readonly do: 'removeSandbox'; readonly id: ContainerId };

export interface Plan {
  readonly steps: readonly Step[];
  /** When time alone will have changed the plan, milliseconds since the epoch. */
  readonly againAt?: number | undefined;
}

/** A pod that is to run, as seen at one moment. */
export interface RunScene extends Scene {
  /** Digest of the volumes as they should be, or why they cannot be had. */
  readonly volumes: Fitted<string>;
  /** Containers whose specification cannot be had, by name, and why. */
  readonly unfit: ReadonlyMap<string, string>;
}

/** One part of a plan: what to do, or when to look again. */
type Part = Step | { readonly do: 'wait'; readonly until: number };

/**
 * Pure: the next safe steps towards the pod as it should be. An empty plan means settled, or waiting
 * for news.
 *
 * A container never runs twice at once, a new image is here before the old container is stopped, and
 * sandbox, volumes and images are made at the same time.
 */
export function planPod(scene: RunScene): Plan {
  const parts = [
    ...volumeParts(scene),
    ...sandboxParts(scene),
    ...lostParts(scene),
    ...turnParts(scene),
    ...strayParts(scene),
    ...leftoverParts(scene),
  ];
  const waits = parts.filter((part) => part.do === 'wait').map(({ until }) => until);
  return {
    steps: parts.filter((part) => part.do !== 'wait'),
    ...(waits.length > 0 && { againAt: Math.min(...waits) }),
  };
}

function volumeParts({ volumes, progress, now }: RunScene): Part[] {
  if (!volumes.fits || volumes.value === progress.preparedVolumes) return [];
  const until = heldBack(progress, 'volumes', now);
  return [until === undefined ? { do: 'prepareVolumes', digest: volumes.value } : wait(until)];
}

function sandboxParts(scene: RunScene): Part[] {
  const { observed, progress, now } = scene;
  if (runningSandbox(observed) || !needsSandbox(scene)) return [];
  const until = heldBack(progress, 'sandbox', now);
  if (until !== undefined) return [wait(until)];
  const last = observed.sandboxes.at(-1);
  const { at, streak } = sandboxRestart(last, now);
  if (at > now) return [wait(at)];
  return [{ do: 'runSandbox', attempt: last ? last.mark.attempt + 1 : 0, streak }];
}

/** Something is to run, and nothing still runs in a sandbox that was lost. */
function needsSandbox(scene: RunScene): boolean {
  if (scene.observed.containers.some(isRunning)) return false;
  const apps = scene.shape.containers.filter(({ role }) => role === 'app');
  return apps.some((container) => outlook(container, scene).do === 'run');
}

function sandboxRestart(
  last: ObservedSandbox | undefined,
  now: number,
): { readonly at: number; readonly streak: number } {
  if (last?.state.phase !== 'exited') return { at: now, streak: 0 };
  return restartOf({ ...last.state, streak: last.mark.streak }, SANDBOX_RESTARTS, now);
}

/**
 * What is to be done for the containers whose turn has come. While one with a postStart hook comes up,
 * those after it only get their images: a kubelet starts containers in order and waits for the hook,
 * and manifests count on it. One that cannot come up now holds nobody up.
 */
function turnParts(scene: RunScene): Part[] {
  const parts: Part[] = [];
  let isHeldUp = false;
  for (const container of turnsCome(scene)) {
    const own = containerParts(container, scene);
    parts.push(...own.filter((part) => !isHeldUp || part.do !== 'run'));
    isHeldUp ||= container.hooks.postStart && isComingUp(container, own, scene);
  }
  return parts;
}

function isComingUp(
  container: ContainerShape,
  own: readonly Part[],
  { observed, progress }: RunScene,
): boolean {
  const run = newestRun(observed, container.name);
  if (run?.state.phase === 'running') {
    const phase = postStartPhase(container, run, progress);
    return phase === 'due' || phase === 'running';
  }
  const isPulling = progress.images.get(imageKey(container))?.phase === 'pulling';
  return isPulling || own.some((part) => part.do !== 'wait');
}

function containerParts(container: ContainerShape, scene: RunScene): Part[] {
  const next = outlook(container, scene);
  const until = heldBack(scene.progress, containerPart(container), scene.now);
  switch (next.do) {
    case 'nothing':
      return hookParts(container, scene);
    case 'cure':
      return stopParts(next.container, next.why, scene);
    case 'start':
      if (until !== undefined) return [wait(until)];
      return [{ do: 'start', container: container.name, id: next.container.id }];
    case 'replace':
      return replaceParts(container, next.container, scene);
    case 'run':
      return until === undefined ? runParts(container, next, scene) : [wait(until)];
  }
}

function hookParts(container: ContainerShape, { observed, progress }: RunScene): Part[] {
  const run = newestRun(observed, container.name);
  if (run?.state.phase !== 'running' || postStartPhase(container, run, progress) !== 'due')
    return [];
  return [{ do: 'postStart', container: container.name, id: run.id }];
}

function runParts(
  container: ContainerShape,
  { attempt, streak, at }: Extract<Outlook, { do: 'run' }>,
  scene: RunScene,
): Part[] {
  if (at > scene.now) return [wait(at)];
  if (scene.unfit.has(container.name)) return [];
  const image = imageParts(container, scene);
  const { progress, volumes, observed } = scene;
  const sandbox = runningSandbox(observed);
  const prepared = volumes.fits && volumes.value === progress.preparedVolumes;
  const held = progress.images.get(imageKey(container));
  if (!sandbox || !prepared || held?.phase !== 'ready') return image;
  const where = { sandboxId: sandbox.id, imageId: held.id };
  return [{ do: 'run', container: container.name, attempt, streak, ...where }];
}

/** Gets the image, unless it is here or on its way. */
function imageParts(
  container: ContainerShape,
  { progress, now }: RunScene,
  use: { readonly isUpdate?: true } = {},
): Part[] {
  const held = progress.images.get(imageKey(container));
  if (held?.phase === 'pulling' || held?.phase === 'ready') return [];
  if (held && held.fault.retryAt > now) {
    return [wait(pullFailureShownUntil(held, now) ?? held.fault.retryAt)];
  }
  return [{ do: 'ensureImage', container: container.name, ...use }];
}

function replaceParts(
  wanted: ContainerShape,
  container: ObservedContainer,
  scene: RunScene,
): Part[] {
  if (isLost(container, scene) || scene.unfit.has(wanted.name)) return [];
  const held = scene.progress.images.get(imageKey(wanted));
  return held?.phase === 'ready'
    ? stopParts(container, 'replaced', scene)
    : imageParts(wanted, scene, { isUpdate: true });
}

function stopParts({ id, mark }: ObservedContainer, why: StopReason, scene: RunScene): Part[] {
  if (scene.progress.stops.has(id)) return [];
  const graceSeconds = graceOf(mark.name, why, scene);
  return [{ do: 'stop', container: mark.name, id, graceSeconds, why }];
}

/** A probe may have a grace of its own for the container that it ends. */
function graceOf(name: string, why: StopReason, { shape }: RunScene): number {
  const { probes } = shape.containers.find((container) => container.name === name) ?? {};
  const own = why === 'liveness' || why === 'startup' ? probes?.[why]?.graceSeconds : undefined;
  return own ?? shape.graceSeconds;
}

/** What still runs in a sandbox that does not: nothing may take its place before it has ended. */
function lostParts(scene: RunScene): Part[] {
  return scene.observed.containers
    .filter((container) => isRunning(container) && isLost(container, scene))
    .flatMap((container) => stopParts(container, 'sandbox-lost', scene));
}

/** Containers that the pod no longer names. */
function strayParts(scene: RunScene): Part[] {
  const wanted = new Set(scene.shape.containers.map(({ name }) => name));
  return scene.observed.containers
    .filter(({ mark }) => !wanted.has(mark.name))
    .flatMap((container) => {
      if (!isRunning(container)) return removeParts(container, scene);
      return isLost(container, scene) ? [] : stopParts(container, 'stray', scene);
    });
}

/** Of each container the newest run is kept, and the newest that has ended, for its logs. */
function leftoverParts(scene: RunScene): Part[] {
  const { shape, observed } = scene;
  const sandbox = runningSandbox(observed);
  const old = shape.containers.flatMap(({ name }) => {
    const runs = observed.containers.filter(({ mark }) => mark.name === name);
    const kept = new Set([runs.at(-1), runs.findLast(({ state }) => state.phase === 'exited')]);
    return runs.filter((run) => !kept.has(run) && !isRunning(run));
  });
  const oldSandboxes = observed.sandboxes.filter(({ id }) => sandbox && id !== sandbox.id);
  return [
    ...old.flatMap((container) => removeParts(container, scene)),
    ...oldSandboxes.map(({ id }): Part => ({ do: 'removeSandbox', id })),
  ];
}

function removeParts({ id, mark }: ObservedContainer, { observed }: RunScene): Part[] {
  return observed.gone.has(id) ? [] : [{ do: 'remove', container: mark.name, id }];
}

function isLost({ sandboxId }: ObservedContainer, { observed }: RunScene): boolean {
  return sandboxId !== runningSandbox(observed)?.id;
}

function isRunning({ state }: ObservedContainer): boolean {
  return state.phase === 'running';
}

function wait(until: number): Part {
  return { do: 'wait', until };
}
