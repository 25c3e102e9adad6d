import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import type { ObservedPod } from '../runtime/observed.ts';
import { withLastWords } from './last-words.ts';
import { planEnd } from './plan-end.ts';
import { planPod, type Plan } from './plan.ts';
import type { PodObject, PodStatus } from './pod.ts';
import type { PodMemory } from './pod-memory.ts';
import { identityOf, type ContainerShape } from './pod-shape.ts';
import { finalPhase, podStatus } from './pod-status.ts';
import { viewPod, type PodView } from './pod-view.ts';
import type { PodsParts } from './pods-parts.ts';
import { readReferences, referencesOf } from './references.ts';
import { unsupportedFields } from './unsupported.ts';

/** Address of a machine that has none. */
const NO_ADDRESS = '127.0.0.1';

/** A pod as it is, as it is reported, and what to do about it. */
export interface Look {
  readonly view: PodView;
  readonly status: PodStatus;
  readonly plan: Plan;
}

/** Where a pod's containers are, or why they cannot be anywhere. */
export type Whereabouts =
  | { readonly do: 'run'; readonly runtime: ContainerRuntime }
  | { readonly do: 'refuse'; readonly message: string };

/** Sees a held pod at one moment: what is stored, what it refers to, and what the runtime runs. */
export async function lookAt(
  parts: PodsParts,
  object: PodObject,
  memory: PodMemory,
  where: Whereabouts,
  signal: AbortSignal,
): Promise<Look> {
  const { objects, machine, clock, node } = parts;
  const { record, progress } = memory;
  const [held, found] = await Promise.all([
    readReferences(objects, referencesOf(object)),
    observe(object, where, signal),
  ]);
  const { initContainers = [], containers } = object.spec;
  const hearing = {
    directory: memory.directory,
    containers: new Map([...initContainers, ...containers].map((one) => [one.name, one])),
    runtime: where.do === 'run' ? where.runtime : undefined,
    heard: memory.lastWords,
  };
  const observed = await withLastWords(found, hearing, signal);
  progress.forgetOthers(new Set(observed.containers.map(({ id }) => id)));
  const now = clock.now();
  const hostIp = machine.address() ?? NO_ADDRESS;
  const world = { object, held, observed, record, progress, nodeName: node, hostIp, machine, now };
  const view = viewPod(world);
  const isDeleted = isBeingDeleted(object);
  const status = podStatus({
    ...view,
    object,
    hostIp,
    unsupported: unsupportedFields(object),
    reported: record.reported,
    isDeleted,
    isEnding: isDeleted || finalPhase(object, record.reported) !== undefined,
    runtimeName: where.do === 'run' ? where.runtime.name : '',
    ...(where.do === 'refuse' && { unavailable: where.message }),
  });
  return { view, status, plan: planOf(view, memory, isDeleted, status) };
}

export function isBeingDeleted({ metadata }: PodObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function planOf(view: PodView, memory: PodMemory, isDeleted: boolean, { phase }: PodStatus): Plan {
  const isFinished = phase === 'Succeeded' || phase === 'Failed';
  if (!isDeleted && !isFinished) return planPod(view);
  const { progress } = memory;
  const { shape, observed, now } = view;
  progress.ending ??= { since: now };
  const named = (is: (container: ContainerShape) => boolean): string[] =>
    shape.containers.filter(is).map(({ name }) => name);
  return planEnd({
    observed,
    progress,
    graceSeconds: shape.graceSeconds,
    sidecars: named(({ role }) => role === 'sidecar'),
    hooked: new Set(named(({ hooks }) => hooks.preStop)),
    keepContainers: !isDeleted,
    why: isDeleted ? 'deleted' : 'finished',
    now,
  });
}

async function observe(
  object: PodObject,
  where: Whereabouts,
  signal: AbortSignal,
): Promise<ObservedPod> {
  const pod = identityOf(object);
  const nothing: ObservedPod = { pod, sandboxes: [], containers: [] };
  if (where.do === 'refuse') return nothing;
  const found = await where.runtime.list(pod, signal);
  return found.find((one) => one.pod.uid === pod.uid) ?? nothing;
}
