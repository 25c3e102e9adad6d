import type { EndContext, StepOf } from './step-context.ts';
import { preStop } from './execute-hooks.ts';
import { isAilment, type StopReason } from './progress.ts';

/** What a container has left after a preStop hook that used up its grace, as with a kubelet. */
const LEAST_AFTER_HOOK_SECONDS = 2;

/** Begins the preStop hook of a container that is stopped later. */
export function beginPreStop(
  step: StepOf<'preStop'>,
  context: EndContext,
  signal: AbortSignal,
): void {
  context.background.begin(context.key, (ending) => preStop(step, context, ending), signal);
}

/** Begins to stop a container: its preStop hook first, whose time counts into the grace. */
export async function beginStop(
  step: StepOf<'stop'>,
  context: EndContext,
  signal: AbortSignal,
): Promise<void> {
  const { container, id, graceSeconds, why } = step;
  const { progress, runtime, background, clock, key, tell } = context;
  const isFirst = !progress.stops.has(id);
  const deadline = clock.now() + graceSeconds * 1000;
  progress.stops.set(id, { deadline, why });
  background.begin(
    key,
    async (ending) => {
      try {
        await preStop(step, context, ending);
        await runtime.stopContainer(id, left(graceSeconds, deadline - clock.now()), ending);
      } catch (error) {
        progress.stops.delete(id);
        throw error;
      }
    },
    signal,
  );
  if (!isFirst) return;
  const message = killingMessage(container, why, context);
  await tell({ type: 'Normal', reason: 'Killing', message, container });
}

function left(graceSeconds: number, leftMs: number): number {
  if (graceSeconds <= LEAST_AFTER_HOOK_SECONDS) return graceSeconds;
  return Math.min(graceSeconds, Math.max(LEAST_AFTER_HOOK_SECONDS, Math.ceil(leftMs / 1000)));
}

const cutOff = ': the node has been cut off for as long as the pod may run without its cluster';

/** Sources: `computePodActions` and `killContainer` of `pkg/kubelet/kuberuntime`. */
function killingMessage(
  container: string,
  why: StopReason,
  { restartsOnFailure }: EndContext,
): string {
  if (why === 'replaced') return `Container ${container} definition changed, will be restarted`;
  if (why === 'post-start') return 'FailedPostStartHook';
  if (!isAilment(why)) return `Stopping container ${container}${why === 'offline' ? cutOff : ''}`;
  const what = why === 'health' ? 'the health check of its image' : `${why} probe`;
  const again = restartsOnFailure(container) ? ', will be restarted' : '';
  return `Container ${container} failed ${what}${again}`;
}
