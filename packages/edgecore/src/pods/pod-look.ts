import { readAmounts, type Amounts } from '@skerry/shared/kube/amounts';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import type { ObservedPod } from '../runtime/observed.ts';
import { hasResourceFields } from './field-ref.ts';
import { withLastWords } from './last-words.ts';
import { localApiOf, withAuthority } from './local-api.ts';
import { planEnd } from './plan-end.ts';
import { planPod, type Plan } from './plan.ts';
import type { PodObject, PodStatus } from './pod.ts';
import { fateOf, type PodFate } from './pod-fate.ts';
import type { PodMemory } from './pod-memory.ts';
import { identityOf, type ContainerShape } from './pod-shape.ts';
import { podStatus } from './pod-status.ts';
import { viewPod, type PodView, type ViewParts } from './pod-view.ts';
import type { PodsParts } from './pods-parts.ts';
import type { PodProgress, StopReason } from './progress.ts';
import { readReferences, referencesOf } from './references.ts';
import type { HeldTokens } from './tokens/token-wish.ts';
import { readClaims } from './volumes/claims.ts';
import { unsupportedFields } from './fields/unsupported.ts';

/** Address of a machine that has none. */
const NO_ADDRESS = '127.0.0.1';

const NO_RUNTIME = 'ContainerRuntimeUnavailable';

/** A pod as it is, as it is reported, and what to do about it. */
export interface Look {
  readonly view: PodView;
  readonly status: PodStatus;
  readonly plan: Plan;
}

/** Where a pod's containers are, or why they cannot be anywhere. */
export type Whereabouts =
  | {
      readonly do: 'run';
      readonly runtime: ContainerRuntime;
      /** What was just seen there under the pod's name; absent: it is asked. */
      readonly seen?: readonly ObservedPod[] | undefined;
    }
  | { readonly do: 'refuse'; readonly reason?: string; readonly message: string };

/** Sees a held pod at one moment: what is stored, what it refers to, and what the runtime runs. */
export async function lookAt(
  parts: PodsParts,
  object: PodObject,
  memory: PodMemory,
  where: Whereabouts,
  tokens: HeldTokens,
  signal: AbortSignal,
): Promise<Look> {
  const { machine, clock, node } = parts;
  const { record, progress } = memory;
  const [observed, sources] = await found(parts, object, memory, where, signal);
  progress.forgetOthers(new Set(observed.containers.map(({ id }) => id)));
  const now = clock.now();
  const hostIp = machine.address() ?? NO_ADDRESS;
  const clusterDomain = parts.clusterDns?.domain;
  const at = { nodeName: node, hostIp, machine, clusterDomain, now };
  const view = viewPod({ object, ...sources, tokens, observed, record, progress, ...at });
  const { cutOff } = parts;
  const { condemned } = memory;
  const fate = fateOf({ object, record, condemned, cutOffSince: cutOff?.since, now });
  if (fate.verdict && !record.verdict) memory.record = { ...record, verdict: fate.verdict };
  const status = podStatus({
    ...view,
    ...fate,
    object,
    hostIp,
    startTime: record.startTime,
    unsupported: unsupportedFields(object),
    reported: record.reported,
    runtimeName: where.do === 'run' ? where.runtime.name : '',
    ...(where.do === 'refuse' && {
      unavailable: { reason: where.reason ?? NO_RUNTIME, message: where.message },
    }),
  });
  const plan = planOf(view, progress, fate, status);
  progress.tellImages(now);
  return { view, status, plan };
}

type Found = 'held' | 'claims' | 'localApi' | 'allocatable';

/** What runs of a pod, and what it is made of beside its object. */
async function found(
  parts: PodsParts,
  object: PodObject,
  memory: PodMemory,
  where: Whereabouts,
  signal: AbortSignal,
): Promise<[ObservedPod, Pick<ViewParts, Found>]> {
  const { objects, localApi: access } = parts;
  const [held, claims, observed, allocatable] = await Promise.all([
    readReferences(objects, referencesOf(object)),
    readClaims(objects, object),
    observe(object, memory, where, signal),
    allocatableFor(object, parts),
  ]);
  const localApi = await localApiOf(access, object, observed, signal);
  return [observed, { held: withAuthority(held, object, localApi), claims, localApi, allocatable }];
}

/** What the node has for pods, read only for one that is told of it. */
async function allocatableFor(
  object: PodObject,
  { resources, machine }: PodsParts,
): Promise<Amounts> {
  if (resources && hasResourceFields(object)) return (await resources.read()).allocatable;
  return readAmounts({ cpu: machine.cpus, memory: machine.memoryBytes });
}

function planOf(view: PodView, progress: PodProgress, fate: PodFate, { phase }: PodStatus): Plan {
  const isFinished = phase === 'Succeeded' || phase === 'Failed';
  if (fate.isDeleted || isFinished || fate.isPaused)
    return endOf(view, progress, fate, fate.isDeleted ? 'deleted' : whyKept(isFinished));
  progress.ending = undefined;
  const plan = planPod(view);
  const times = [...fate.turnsAt, ...(plan.againAt === undefined ? [] : [plan.againAt])];
  return times.length > 0 ? { ...plan, againAt: Math.min(...times) } : plan;
}

function whyKept(isFinished: boolean): StopReason {
  return isFinished ? 'finished' : 'offline';
}

function endOf(
  { shape, observed, now }: PodView,
  progress: PodProgress,
  { isDeleted, verdict }: PodFate,
  why: StopReason,
): Plan {
  progress.ending ??= { since: now };
  const named = (is: (container: ContainerShape) => boolean): string[] =>
    shape.containers.filter(is).map(({ name }) => name);
  return planEnd({
    observed,
    progress,
    graceSeconds: verdict?.graceSeconds ?? shape.graceSeconds,
    sidecars: named(({ role }) => role === 'sidecar'),
    hooked: new Set(named(({ hooks }) => hooks.preStop)),
    keepContainers: !isDeleted,
    why,
    now,
  });
}

async function observe(
  object: PodObject,
  { directory, lastWords: heard }: PodMemory,
  where: Whereabouts,
  signal: AbortSignal,
): Promise<ObservedPod> {
  const pod = identityOf(object);
  const nothing: ObservedPod = { pod, sandboxes: [], containers: [] };
  if (where.do === 'refuse') return nothing;
  const { runtime, seen } = where;
  const found = (seen ?? (await runtime.list(pod, signal))).find((one) => one.pod.uid === pod.uid);
  const { initContainers = [], containers } = object.spec;
  const byName = new Map([...initContainers, ...containers].map((one) => [one.name, one]));
  const hearing = { directory, containers: byName, runtime, heard };
  return withLastWords(found ?? nothing, hearing, signal);
}
