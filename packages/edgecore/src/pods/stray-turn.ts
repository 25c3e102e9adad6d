import type { ObjectKey } from '@skerry/shared/names';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import type { ObservedPod } from '../runtime/observed.ts';
import { executeEnd, isEndStep } from './execute.ts';
import type { TurnParts } from './held-turn.ts';
import { planEnd } from './plan-end.ts';
import type { PodProgress } from './progress.ts';
import type { EndContext } from './step-context.ts';

/** A pod that runs here and that the node does not hold (any more). */
export interface StrayPod {
  readonly key: ObjectKey;
  readonly observed: ObservedPod;
  readonly runtime: ContainerRuntime;
}

/**
 * One turn towards the end of a stray: its containers get the grace they were made with, then
 * everything is removed. Answers whether it is gone.
 */
export async function turnStray(
  parts: TurnParts,
  { key, observed, runtime }: StrayPod,
  progress: PodProgress,
  signal: AbortSignal,
): Promise<'ending' | 'gone'> {
  const { background, clock, events } = parts;
  const { pod } = observed;
  const now = clock.now();
  progress.ending ??= { since: now };
  const { steps } = planEnd({
    observed: { ...observed, gone: new Set() },
    progress,
    graceSeconds: undefined,
    sidecars: [],
    hooked: new Set(),
    keepContainers: false,
    why: 'deleted',
    now,
  });
  const tell = (event: Parameters<EndContext['tell']>[0]): Promise<void> => events.tell(pod, event);
  const unknown = {
    containers: new Map<string, never>(),
    podIp: '',
    restartsOnFailure: () => false,
  };
  const context = { key, pod, runtime, progress, background, clock, tell, ...unknown };
  await Promise.all(steps.filter(isEndStep).map((step) => executeEnd(step, context, signal)));
  return observed.containers.some(({ state }) => state.phase === 'running') ? 'ending' : 'gone';
}
