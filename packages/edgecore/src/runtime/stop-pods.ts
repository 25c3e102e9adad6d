import type { ContainerRuntime } from './container-runtime.ts';
import type { ContainerId } from './observed.ts';

/** The most a container is given to end by itself when the agent stops with its pods. */
const maxGraceSeconds = 5;

/**
 * Stops every pod of these runtimes, as a machine that is switched off would, but politely: first the
 * containers, then the sandboxes that hold their network. Nothing is removed, and nothing is reported:
 * the next agent finds pods that have ended, and starts again those that are to run.
 */
export async function stopPods(
  runtimes: readonly ContainerRuntime[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(runtimes.map((runtime) => stopAll(runtime, signal)));
}

async function stopAll(runtime: ContainerRuntime, signal: AbortSignal): Promise<void> {
  const pods = await runtime.list(undefined, signal);
  const stop = (id: ContainerId, graceSeconds: number): Promise<void> =>
    runtime.stopContainer(id, Math.min(graceSeconds, maxGraceSeconds), signal);
  const containers = pods.flatMap((pod) => pod.containers).filter(isAlive);
  await Promise.all(containers.map(({ id, mark }) => stop(id, mark.graceSeconds)));
  const sandboxes = pods.flatMap((pod) => pod.sandboxes).filter(isAlive);
  await Promise.all(sandboxes.map(({ id }) => stop(id, maxGraceSeconds)));
}

function isAlive({ state }: { readonly state: { readonly phase: string } }): boolean {
  return state.phase !== 'exited';
}
