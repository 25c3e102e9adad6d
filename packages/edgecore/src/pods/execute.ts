import type { Clock } from '@skerry/shared/clock';
import { messageOf } from '@skerry/shared/errors';
import type { ObjectKey } from '@skerry/shared/names';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import type { PodIdentity } from '../runtime/observed.ts';
import { RuntimeUnavailable, StartFailed } from '../runtime/runtime-errors.ts';
import type { Background } from './background.ts';
import type { FittedContainer } from './container-fit.ts';
import { beginImage } from './execute-image.ts';
import type { ImageAccess } from './image-access.ts';
import type { Step } from './plan.ts';
import type { Container } from './pod.ts';
import { PodUnfit } from './pod-errors.ts';
import type { PodEvent } from './pod-events.ts';
import type { ContainerShape, PodShape } from './pod-shape.ts';
import { containerPart, imageKey, type PodProgress, type StopReason } from './progress.ts';
import type { VolumeContent } from './volumes/volume-content.ts';
import type { Mounter } from './volumes/mounter.ts';
import { mountsOf } from './volumes/mounts.ts';
import { mountFailure, prepareVolumes, type VolumePlace } from './volumes/volume-dirs.ts';

/** What steps that only end things need. */
export interface EndContext {
  readonly key: ObjectKey;
  readonly pod: PodIdentity;
  readonly runtime: ContainerRuntime;
  readonly progress: PodProgress;
  readonly background: Background;
  readonly clock: Clock;
  readonly tell: (event: PodEvent) => Promise<void>;
}

/** What steps that make things need besides. */
export interface RunContext extends EndContext {
  readonly shape: PodShape;
  readonly directory: string;
  readonly contents: readonly VolumeContent[];
  readonly places: ReadonlyMap<string, VolumePlace>;
  /** By container name. */
  readonly containers: ReadonlyMap<string, Container>;
  readonly fitted: ReadonlyMap<string, FittedContainer>;
  readonly mounter: Mounter;
  readonly imageAccess: () => Promise<ImageAccess>;
  /** Device files of a container. */
  readonly devicesOf: (container: string) => Promise<readonly string[]>;
  /** Takes note of an image that a container needs, and whether this agent has fetched it. */
  readonly noteImage: (id: string, pulled: boolean) => void;
}

type StepOf<D extends Step['do']> = Extract<Step, { readonly do: D }>;
/** Steps of a pod that is to end. */
export type EndStep = StepOf<'stop' | 'remove' | 'removeSandbox'>;

export function isEndStep(step: Step): step is EndStep {
  return step.do === 'stop' || step.do === 'remove' || step.do === 'removeSandbox';
}

/**
 * Does one step. What fails is noted in `progress`, where the next plan finds it; only a runtime that
 * cannot be asked at all is thrown on.
 */
export async function execute(step: Step, context: RunContext, signal: AbortSignal): Promise<void> {
  if (isEndStep(step)) {
    await executeEnd(step, context, signal);
    return;
  }
  switch (step.do) {
    case 'prepareVolumes':
      await prepare(step, context);
      return;
    case 'runSandbox':
      await runSandbox(step, context, signal);
      return;
    case 'ensureImage':
      beginImage(shapeOf(step.container, context), step.isUpdate === true, context, signal);
      return;
    case 'run':
      await guarded(step.container, context, signal, () => run(step, context, signal));
      return;
    case 'start':
      await guarded(step.container, context, signal, () => start(step, context, signal));
  }
}

/** Does one step towards the end of a pod, which may be one that is no longer held. */
export async function executeEnd(
  step: EndStep,
  context: EndContext,
  signal: AbortSignal,
): Promise<void> {
  switch (step.do) {
    case 'stop':
      await beginStop(step, context, signal);
      return;
    case 'remove':
      await context.runtime.removeContainer(step.id, signal);
      return;
    case 'removeSandbox':
      await context.runtime.removeSandbox(step.id, signal);
  }
}

async function prepare(
  { digest }: StepOf<'prepareVolumes'>,
  { directory, contents, mounter, progress, clock, tell }: RunContext,
): Promise<void> {
  const failure = await prepareVolumes(directory, contents, mounter);
  if (!failure) {
    progress.preparedVolumes = digest;
    progress.faults.delete('volumes');
    return;
  }
  const message = mountFailure(failure.volume, messageOf(failure.error));
  progress.fail('volumes', { reason: 'FailedMount', message }, clock.now());
  await tell({ type: 'Warning', reason: 'FailedMount', message });
}

async function runSandbox(
  { attempt, streak }: StepOf<'runSandbox'>,
  { runtime, shape, progress, clock, tell }: RunContext,
  signal: AbortSignal,
): Promise<void> {
  try {
    const mark = { pod: shape.pod, attempt, streak };
    await runtime.runSandbox({ ...shape.sandbox, mark }, signal);
    progress.faults.delete('sandbox');
  } catch (error) {
    rethrowFatal(error, signal);
    const reason = 'FailedCreatePodSandBox';
    const message = `Failed to create pod sandbox: ${messageOf(error)}`;
    progress.fail('sandbox', { reason, message }, clock.now());
    await tell({ type: 'Warning', reason, message });
  }
}

async function run(
  { container, attempt, streak, sandboxId, imageId }: StepOf<'run'>,
  context: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const { runtime, shape, progress, tell } = context;
  const [wanted, fitted] = [shapeOf(container, context), context.fitted.get(container)];
  const source = context.containers.get(container);
  if (!fitted || !source) throw new PodUnfit(`no container named ${container}`);
  const mounts = await mountsOf(source, context.places, fitted.env);
  const { graceSeconds, pod } = shape;
  const mark = { pod, name: container, attempt, streak, hash: wanted.hash, graceSeconds };
  const devices = await context.devicesOf(container);
  const spec = { ...fitted, mounts, devices, mark, sandboxId, imageId };
  progress.images.delete(imageKey(wanted)); // the next attempt asks anew, as its policy says
  const id = await runtime.createContainer(spec, signal);
  await Promise.all([
    tell({
      type: 'Normal',
      reason: 'Created',
      message: `Created container: ${container}`,
      container,
    }),
    start({ do: 'start', container, id }, context, signal),
  ]);
}

async function start(
  { container, id }: StepOf<'start'>,
  { runtime, tell }: RunContext,
  signal: AbortSignal,
): Promise<void> {
  await runtime.startContainer(id, signal);
  const message = `Started container ${container}`;
  await tell({ type: 'Normal', reason: 'Started', message, container });
}

/** Notes a failure to create or start a container, and that it did not fail. */
async function guarded(
  container: string,
  context: RunContext,
  signal: AbortSignal,
  act: () => Promise<void>,
): Promise<void> {
  const part = containerPart(shapeOf(container, context));
  try {
    await act();
    context.progress.faults.delete(part);
  } catch (error) {
    rethrowFatal(error, signal);
    const reason = failureReason(error);
    context.progress.fail(part, { reason, message: messageOf(error) }, context.clock.now());
  }
}

function failureReason(error: unknown): string {
  if (error instanceof PodUnfit) return 'CreateContainerConfigError';
  return error instanceof StartFailed ? 'RunContainerError' : 'CreateContainerError';
}

async function beginStop(
  { container, id, graceSeconds, why }: StepOf<'stop'>,
  { progress, runtime, background, clock, key, tell }: EndContext,
  signal: AbortSignal,
): Promise<void> {
  const isFirst = !progress.stops.has(id);
  progress.stops.set(id, { deadline: clock.now() + graceSeconds * 1000, why });
  background.begin(
    key,
    async (ending) => {
      try {
        await runtime.stopContainer(id, graceSeconds, ending);
      } catch (error) {
        progress.stops.delete(id);
        throw error;
      }
    },
    signal,
  );
  if (!isFirst) return;
  await tell({
    type: 'Normal',
    reason: 'Killing',
    message: stopMessage(container, why),
    container,
  });
}

function stopMessage(container: string, why: StopReason): string {
  if (why === 'replaced') return `Container ${container} definition changed, will be restarted`;
  const stopping = `Stopping container ${container}`;
  if (why !== 'offline') return stopping;
  return `${stopping}: the node has been cut off for as long as the pod may run without its cluster`;
}

function shapeOf(name: string, { shape }: RunContext): ContainerShape {
  const found = shape.containers.find((container) => container.name === name);
  if (!found) throw new PodUnfit(`no container named ${name}`);
  return found;
}

/** What is not about this one pod ends the turn. */
function rethrowFatal(error: unknown, signal: AbortSignal): void {
  if (signal.aborted || error instanceof RuntimeUnavailable) throw error;
}
