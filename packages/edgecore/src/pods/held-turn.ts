import { codeOf, messageOf } from '@skerry/shared/errors';
import type { ObjectKey, Version } from '@skerry/shared/names';
import type { Requeue } from '@skerry/shared/workqueue';
import { pathsOf } from '../node/pieces.ts';
import type { Prober, ProbeSubject } from '../probes/prober.ts';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import type { ObservedPod } from '../runtime/observed.ts';
import type { Admissions } from './admissions.ts';
import type { Background } from './background.ts';
import { execute } from './execute.ts';
import { readImageAccess, type ImageAccess } from './image-access.ts';
import type { ImageUses } from './image-uses.ts';
import type { Plan, Step } from './plan.ts';
import type { PodObject } from './pod.ts';
import { noClusterDns } from './pod-dns.ts';
import { OneByOne } from './one-by-one.ts';
import type { PodEvents } from './pod-events.ts';
import { isBeingDeleted } from './pod-fate.ts';
import { lookAt, type Look, type Whereabouts } from './pod-look.ts';
import type { MeasuredPods } from './measured-pods.ts';
import type { PodNews } from './pod-news.ts';
import type { PodMemory } from './pod-memory.ts';
import type { PodRecords } from './pod-records.ts';
import { probeEvent } from './probe-events.ts';
import { probeTargets } from './probe-targets.ts';
import { reportGone, settleStatus } from './pod-reports.ts';
import { finalPhase } from './pod-status.ts';
import type { PodsParts } from './pods-parts.ts';
import { statusEvents } from './status-events.ts';
import type { RunContext } from './step-context.ts';
import type { HeldTokens } from './tokens/token-wish.ts';
import type { PodTokens } from './tokens/pod-tokens.ts';
import { holdBack } from './verified-pod.ts';
import { removePodDirectory, volumePlaces } from './volumes/volume-dirs.ts';

/** However well a runtime tells its news, every pod is looked at so often. */
export const RESYNC_MS = 60_000;
/** Rounds of one turn; each does something, so more of them would be a quarrel with the runtime. */
const MAX_ROUNDS = 10;
const AFTER_QUARREL_MS = 1000;

export interface TurnParts extends PodsParts {
  /** Whether what is held is all there is. */
  readonly isComplete: () => boolean;
  readonly background: Background;
  readonly news: PodNews;
  readonly events: PodEvents;
  readonly prober: Prober;
  readonly tokens: PodTokens;
  readonly records: PodRecords;
  readonly measured: MeasuredPods;
  /** Absent: every pod is taken. */
  readonly admissions?: Admissions | undefined;
  /** Absent: no image is ever removed. */
  readonly imageUses?: ImageUses | undefined;
}

/** A pod that the node holds. */
export interface HeldPod {
  readonly key: ObjectKey;
  readonly object: PodObject;
  readonly version: Version;
}

/** What runtimes were just seen to run under a pod's name. */
export type SeenPods = ReadonlyMap<ContainerRuntime, readonly ObservedPod[]>;

/**
 * One turn of a held pod: looks, plans and acts until there is nothing left to do now. The first look takes
 * what was just seen.
 */
export async function turnHeld(
  parts: TurnParts,
  pod: HeldPod,
  memory: PodMemory,
  seen: SeenPods,
  signal: AbortSignal,
): Promise<Requeue> {
  const where = parts.runtimes.select(pod.object.spec.runtimeClassName);
  if (where.do === 'wait') return undefined;
  if (where.do === 'refuse') return refuse(parts, pod, memory, where, signal);
  const held = await holdBack(parts, pod, memory, where.runtime, signal);
  if (held) {
    const { message, afterMs } = held;
    await refuse(parts, pod, memory, { do: 'refuse', reason: 'Unverified', message }, signal);
    return { afterMs };
  }
  try {
    return await rounds(parts, pod, memory, { ...where, seen: seen.get(where.runtime) }, signal);
  } finally {
    parts.news.over(pod.key);
  }
}

async function rounds(
  parts: TurnParts,
  pod: HeldPod,
  memory: PodMemory,
  first: Extract<Whereabouts, { do: 'run' }>,
  signal: AbortSignal,
): Promise<Requeue> {
  const { runtime } = first;
  await using settling = new OneByOne(); // the next round need not wait for the disk
  for (let round = 0; round < MAX_ROUNDS; round++) {
    parts.news.looking(pod.key);
    const where = round === 0 ? first : { do: 'run' as const, runtime };
    const tokens = tokensOf(parts, pod, signal);
    const look = await lookAt(parts, pod.object, memory, where, tokens, signal);
    if (isGone(pod, look)) {
      await settling.done();
      await leave(parts, pod, memory, look);
      return undefined;
    }
    probe(parts, pod, memory, look, runtime, signal);
    if (goesOn(look.plan)) parts.news.lookFollows(pod.key);
    settling.add(() => settle(parts, pod, memory, look));
    await act(parts, pod, memory, look, runtime, signal);
    if (!goesOn(look.plan)) return requeueOf(look.plan, parts.clock.now());
  }
  return { afterMs: AFTER_QUARREL_MS };
}

/** A pod that is being ended needs no new ones, and the API server gives none. */
function tokensOf(
  { tokens }: TurnParts,
  { key, object }: HeldPod,
  signal: AbortSignal,
): HeldTokens {
  return isBeingDeleted(object) ? new Map() : tokens.look(key, object, signal);
}

/**
 * No runtime can run the pod now. What is known of it stays as reported, for what cannot be asked may
 * well be running; only a pod that never ran here is said to wait, or to be gone.
 */
async function refuse(
  parts: TurnParts,
  pod: HeldPod,
  memory: PodMemory,
  where: Extract<Whereabouts, { do: 'refuse' }>,
  signal: AbortSignal,
): Promise<Requeue> {
  if (Object.keys(memory.record.runs).length > 0) return undefined;
  const look = await lookAt(parts, pod.object, memory, where, new Map(), signal);
  await (isGone(pod, look) ? leave(parts, pod, memory, look) : settle(parts, pod, memory, look));
  return undefined;
}

/** What is to be asked follows what is seen; what is found out brings the next turn. */
function probe(
  { prober, dirty, events }: TurnParts,
  { key, object }: HeldPod,
  { uid, progress }: PodMemory,
  { view, status }: Look,
  runtime: ContainerRuntime,
  signal: AbortSignal,
): void {
  const { pod } = view.shape; // the prober keeps its subject, which must not keep the whole view
  const isOver = status.phase === 'Succeeded' || status.phase === 'Failed';
  const targets = isOver ? [] : probeTargets({ ...view, isEnding: isBeingDeleted(object) });
  const subject: ProbeSubject = {
    runtime,
    turned: ({ id, kind }, verdict) => {
      progress.conclude(id, kind, verdict);
      dirty.add(key);
    },
    heard: (target, answer) => void events.tell(pod, probeEvent(target, answer)),
  };
  prober.follow(uid, targets, subject, signal);
}

async function act(
  parts: TurnParts,
  pod: HeldPod,
  memory: PodMemory,
  look: Look,
  runtime: ContainerRuntime,
  signal: AbortSignal,
): Promise<void> {
  const context = contextOf(parts, pod, memory, look, runtime);
  const outcomes = await Promise.allSettled(
    look.plan.steps.map((step) => execute(step, context, signal)),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

function contextOf(
  parts: TurnParts,
  { key, object }: HeldPod,
  { progress, directory, record }: PodMemory,
  { view }: Look,
  runtime: ContainerRuntime,
): RunContext {
  const { background, clock, events, mounter, objects, resources, imageUses } = parts;
  const { clusterDns = noClusterDns } = parts;
  const { shape, contents, containers, fitted, podIp } = view;
  const places = volumePlaces(directory, contents);
  const pod = shape.pod;
  const imageAccess = (): Promise<ImageAccess> => readImageAccess(objects, object);
  const from = { object, shape, directory, contents, places, containers, fitted, podIp };
  const make = { ...from, mounter, clusterDns, imageAccess };
  return {
    key,
    pod,
    runtime,
    progress,
    background,
    clock,
    tell: (event) => events.tell(pod, event),
    restartsOnFailure: (name) =>
      shape.containers.some((one) => one.name === name && one.restartPolicy !== 'Never'),
    devicesOf: async (container) => {
      const given = record.given?.[container] ?? [];
      return given.length === 0 || !resources
        ? []
        : pathsOf(given, (await resources.read()).pieces);
    },
    noteImage: (id, pulled) => imageUses?.note(id, pulled),
    ...make,
  };
}

/** Says what has changed, and keeps what a restart must not forget. */
async function settle(
  parts: TurnParts,
  { key, object, version }: HeldPod,
  memory: PodMemory,
  { view, status }: Look,
): Promise<void> {
  const { events, admissions, measured, clock } = parts;
  const { pod } = view.shape;
  const before = memory.kept.reported;
  measured.turned(before, status, { startTime: memory.record.startTime, now: clock.now() });
  if (finalPhase(object, status) !== undefined) admissions?.release(pod.uid);
  await settleStatus(parts, memory, { key, object, version, status, observed: view.observed });
  for (const event of statusEvents(pod, before, status)) await events.tell(pod, event);
  const { volumes } = view;
  const problem = volumes.fits || volumes.isAwaited === true ? undefined : volumes.message;
  if (problem !== undefined && problem !== memory.volumeProblem)
    await events.tell(pod, { type: 'Warning', reason: 'FailedMount', message: problem });
  memory.volumeProblem = problem;
}

function isGone({ object }: HeldPod, { view, plan }: Look): boolean {
  const { sandboxes, containers, gone } = view.observed;
  return (
    isBeingDeleted(object) &&
    plan.steps.length === 0 &&
    sandboxes.length === 0 &&
    containers.every(({ id }) => gone.has(id))
  );
}

async function leave(
  { reporter, log, prober, mounter, tokens, records, admissions }: TurnParts,
  { key }: HeldPod,
  memory: PodMemory,
  { status }: Look,
): Promise<void> {
  const { uid } = memory;
  await Promise.all([
    reportGone(reporter, key, uid, status),
    tokens.forget(uid),
    records.forget(uid),
  ]);
  admissions?.release(uid);
  await removePodDirectory(memory.directory, mounter).catch((error: unknown) => {
    // what a container wrote as another user may outlast the pod; it goes when the agent may
    log.warn({ key, code: codeOf(error), error: messageOf(error) }, 'pod directory not removed');
  });
  prober.forget(uid);
  memory.hasLeft = true;
}

const begunOnly: ReadonlySet<Step['do']> = new Set(['ensureImage', 'postStart', 'preStop', 'stop']);

/** Whether the plan did something whose effect is there to be seen now. */
function goesOn({ steps }: Plan): boolean {
  return steps.some((step) => !begunOnly.has(step.do));
}

function requeueOf({ againAt }: Plan, now: number): Requeue {
  return { afterMs: Math.min(RESYNC_MS, Math.max(0, (againAt ?? Infinity) - now)) };
}
