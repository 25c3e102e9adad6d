import { within } from '@skerry/shared/within';
import { podLabel } from './container-status.ts';
import type { EndContext, StepOf } from './step-context.ts';
import { runHook, type HookParts } from './lifecycle-hook.ts';
import type { LifecycleHandler } from './handlers.ts';
import type { ContainerId } from '../runtime/observed.ts';

/** A postStart hook may take as long as it likes; only what hangs for a day is given up. */
const POST_START_LIMIT_MS = 86_400_000;

/** Begins the postStart hook of a container that runs. What fails is noted, and ends the container. */
export function beginPostStart(
  { container, id }: StepOf<'postStart'>,
  context: EndContext,
  signal: AbortSignal,
): void {
  const { progress, background, key, tell } = context;
  const hook = hookOf(container, 'postStart', context);
  if (!hook) return;
  progress.postStarts.set(id, { phase: 'running' });
  background.begin(
    key,
    async (ending) => {
      const parts = hookParts(container, id, POST_START_LIMIT_MS, context);
      const message = await runHook(hook, parts, ending);
      const isOver = message === undefined;
      progress.postStarts.set(id, isOver ? { phase: 'done' } : { phase: 'failed', message });
      if (isOver) return;
      const reason = 'FailedPostStartHook';
      await tell({
        type: 'Warning',
        reason,
        message: `PostStartHook failed: ${message}`,
        container,
      });
    },
    signal,
  );
}

/**
 * Runs the preStop hook of a container, once for all who wait for it. Resolves when it is over, and at
 * the latest after `graceSeconds`.
 */
export async function preStop(
  { container, id, graceSeconds }: Pick<StepOf<'preStop'>, 'container' | 'id' | 'graceSeconds'>,
  context: EndContext,
  signal: AbortSignal,
): Promise<void> {
  const { progress, clock } = context;
  const hook = hookOf(container, 'preStop', context);
  if (!hook || graceSeconds <= 0) return;
  const graceMs = graceSeconds * 1000;
  const running =
    progress.preStops.get(id) ??
    runPreStop(hook, hookParts(container, id, graceMs, context), context, signal);
  progress.preStops.set(id, running);
  await within(graceMs, running, { clock, signal });
}

async function runPreStop(
  hook: LifecycleHandler,
  parts: HookParts,
  { tell }: EndContext,
  signal: AbortSignal,
): Promise<void> {
  const failure = await runHook(hook, parts, signal).catch(() => undefined);
  if (failure === undefined) return;
  const message = `PreStopHook failed: ${failure}`;
  const container = parts.container.name;
  await tell({ type: 'Warning', reason: 'FailedPreStopHook', message, container });
}

function hookOf(
  name: string,
  kind: 'postStart' | 'preStop',
  { containers }: EndContext,
): LifecycleHandler | undefined {
  return containers.get(name)?.lifecycle?.[kind];
}

function hookParts(
  name: string,
  id: ContainerId,
  timeoutMs: number,
  { runtime, clock, containers, podIp, pod }: EndContext,
): HookParts {
  const container = containers.get(name) ?? { name };
  return { runtime, clock, id, container, podIp, podLabel: podLabel(pod), timeoutMs };
}
