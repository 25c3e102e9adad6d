import { messageOf } from '@skerry/shared/errors';
import { RuntimeUnavailable, StartFailed } from '../runtime/runtime-errors.ts';
import { beginPostStart } from './execute-hooks.ts';
import { beginImage } from './execute-image.ts';
import { beginPreStop, beginStop } from './execute-stop.ts';
import { assertNonRoot } from './non-root.ts';
import type { Step } from './plan.ts';
import { makeLastWords } from './last-words.ts';
import { podDns } from './pod-dns.ts';
import { PodUnfit } from './pod-errors.ts';
import type { ContainerShape } from './pod-shape.ts';
import { containerPart, imageKey } from './progress.ts';
import type { EndContext, RunContext, StepOf } from './step-context.ts';
import { mountsOf } from './volumes/mounts.ts';
import { mountFailure, prepareVolumes } from './volumes/volume-dirs.ts';

/** Steps of a pod that is to end. */
export type EndStep = StepOf<'preStop' | 'stop' | 'remove' | 'removeSandbox'>;

export function isEndStep(step: Step): step is EndStep {
  return ['preStop', 'stop', 'remove', 'removeSandbox'].includes(step.do);
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
      return;
    case 'postStart':
      beginPostStart(step, context, signal);
  }
}

/** Does one step towards the end of a pod, which may be one that is no longer held. */
export async function executeEnd(
  step: EndStep,
  context: EndContext,
  signal: AbortSignal,
): Promise<void> {
  switch (step.do) {
    case 'preStop':
      beginPreStop(step, context, signal);
      return;
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
  { runtime, object, shape, clusterDns, progress, clock, tell }: RunContext,
  signal: AbortSignal,
): Promise<void> {
  try {
    const mark = { pod: shape.pod, attempt, streak };
    const dns = await podDns(object, clusterDns);
    await runtime.runSandbox({ ...shape.sandbox, mark, ...(dns && { dns }) }, signal);
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
  await assertNonRoot(context.object, source, () => runtime.imageUser(imageId, signal));
  const mounts = await mountsOf(source, context.places, fitted.env);
  const { graceSeconds, pod } = shape;
  const mark = { pod, name: container, attempt, streak, hash: wanted.hash, graceSeconds };
  const devices = await context.devicesOf(container);
  const lastWords = await makeLastWords(context.directory, source, attempt);
  const made = { mounts, devices, mark, sandboxId, imageId };
  const spec = { ...fitted, ...made, ...(lastWords && { lastWords }) };
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

function shapeOf(name: string, { shape }: RunContext): ContainerShape {
  const found = shape.containers.find((container) => container.name === name);
  if (!found) throw new PodUnfit(`no container named ${name}`);
  return found;
}

/** What is not about this one pod ends the turn. */
function rethrowFatal(error: unknown, signal: AbortSignal): void {
  if (signal.aborted || error instanceof RuntimeUnavailable) throw error;
}
