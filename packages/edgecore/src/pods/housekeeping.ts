import { codeOf, messageOf } from '@skerry/shared/errors';
import { BILLION } from '@skerry/shared/kube/amounts';
import { podRequests } from '@skerry/shared/kube/pod-needs';
import type { ObjectKey, Uid } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import type { CronJobObject } from '../cron/cron-job.ts';
import { CRON_JOBS } from '../cron/job-reports.ts';
import type { ObjectReader } from '../meta/object-reader.ts';
import {
  evictionMessage,
  evictionOrder,
  shortages,
  type Evictable,
  type Shortage,
} from '../node/eviction.ts';
import type { NodeResources, ResourcesView } from '../node/node-resources.ts';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import { imagesToRemove } from '../runtime/image-collection.ts';
import { importanceOf } from './admission.ts';
import { podDiskUse, podsOn, type PodOnRuntime } from './disk-use.ts';
import type { TurnParts } from './held-turn.ts';
import type { ImageUses } from './image-uses.ts';
import { parsePod } from './parse-pod.ts';
import type { PodObject } from './pod.ts';
import { PODS } from './pod-key.ts';
import type { PodReconciler } from './reconciler.ts';

/** Time between two looks at what is left, milliseconds. */
export const HOUSEKEEPING_MS = 10_000;

export interface HouseParts extends TurnParts {
  readonly resources: NodeResources;
  readonly imageUses: ImageUses;
  readonly reconciler: Pick<PodReconciler, 'condemn'>;
}

/**
 * Keeps the node from running short: removes images when the disk fills up, and evicts a pod at a time
 * while there is too little of anything. Ends when `signal` aborts.
 */
export async function keepHouse(parts: HouseParts, signal: AbortSignal): Promise<void> {
  const { clock, log } = parts;
  const rest = (): Promise<boolean> =>
    clock.sleep(HOUSEKEEPING_MS, signal).then(
      () => true,
      () => false,
    );
  while (await rest()) {
    await lookAround(parts, signal).catch((error: unknown) => {
      if (signal.aborted) return;
      log.warn({ code: codeOf(error), error: messageOf(error) }, 'housekeeping failed');
    });
  }
}

async function lookAround(parts: HouseParts, signal: AbortSignal): Promise<void> {
  const view = await parts.resources.read();
  const [first] = shortages(view.facts, view.thresholds);
  const isDisk = first?.signal.startsWith('nodefs') === true;
  const removed = await collectImages(parts, view, isDisk, signal);
  if (first && removed === 0) await evictOne(parts, first, signal);
}

/** Removes what the disk has no room for; under pressure, whatever can be removed. Answers how many. */
async function collectImages(
  parts: HouseParts,
  { facts }: ResourcesView,
  isUnderPressure: boolean,
  signal: AbortSignal,
): Promise<number> {
  const { resources, runtimes, imageUses, objects, clock, log } = parts;
  const { collection } = resources.config;
  const used = facts.diskBytes - facts.diskAvailableBytes;
  const isFull = used * 100 >= facts.diskBytes * collection.highPercent;
  if (collection.images === 'none' || !(isFull || isUnderPressure)) return 0;
  const needed = await neededImages(objects);
  let removed = 0;
  for (const runtime of runtimes.ready()) {
    const listed = await runtime.images(signal);
    const mayGo = listed.filter(({ id }) => collection.images === 'all' || imageUses.isOurs(id));
    const chosen = imagesToRemove({
      images: mayGo.map((image) => ({ ...image, lastUsedAt: imageUses.lastUsedAt(image.id) })),
      inUse: await imagesInUse(runtime, signal),
      needed,
      ...facts,
      highPercent: isUnderPressure ? 0 : collection.highPercent,
      lowPercent: isUnderPressure ? 0 : collection.lowPercent,
      minimumAgeMs: collection.minimumAgeSeconds * 1_000,
      now: clock.now(),
    });
    for (const image of chosen) {
      await runtime.removeImage(image, signal);
      log.info({ image: image.names[0] ?? image.id, bytes: image.bytes }, 'image removed');
    }
    removed += chosen.length;
    if (listed.length > 0) await imageUses.keepOnly(new Set(listed.map(({ id }) => id)));
  }
  return removed;
}

async function imagesInUse(runtime: ContainerRuntime, signal: AbortSignal): Promise<Set<string>> {
  const pods = await runtime.list(undefined, signal);
  return new Set(pods.flatMap(({ containers }) => containers.map(({ imageId }) => imageId)));
}

/** Every image that held pods name, and those of CronJobs: they may need it anew at any time. */
async function neededImages(objects: ObjectReader): Promise<Set<string>> {
  const pods = (await objects.list(PODS)).map(({ object }) => parsePod(object).spec);
  const cronJobs = (await objects.list(CRON_JOBS)).map(({ object }) => {
    const { spec } = parseJson(object) as CronJobObject;
    return spec.jobTemplate.spec.template.spec;
  });
  const containers = [...pods, ...cronJobs].flatMap((spec) => [
    ...(spec.initContainers ?? []),
    ...spec.containers,
  ]);
  return new Set(containers.map(({ image = '' }) => image));
}

interface Candidate extends Evictable {
  readonly key: ObjectKey;
  readonly uid: Uid;
}

async function evictOne(parts: HouseParts, shortage: Shortage, signal: AbortSignal): Promise<void> {
  const { objects, runtimes, reconciler, log } = parts;
  const running = await runningPods(runtimes.ready(), signal);
  const candidates: Candidate[] = [];
  for (const { key, uid, object } of await objects.list(PODS)) {
    const seen = running.get(uid);
    if (seen)
      candidates.push({ key, uid, ...(await weigh(parts, parsePod(object), seen, signal)) });
  }
  const message = evictionMessage(shortage);
  const verdict = { reason: 'Evicted', message, graceSeconds: 0, isDisruption: true } as const;
  for (const { key, uid } of evictionOrder(candidates, shortage.signal)) {
    if (!reconciler.condemn(key, uid, verdict)) continue;
    log.warn({ key, signal: shortage.signal, available: shortage.available }, 'pod evicted');
    return;
  }
}

async function runningPods(
  runtimes: readonly ContainerRuntime[],
  signal: AbortSignal,
): Promise<Map<Uid, PodOnRuntime>> {
  const alive = (await podsOn(runtimes, undefined, signal)).filter(({ observed }) =>
    observed.containers.some(({ state }) => state.phase === 'running'),
  );
  return new Map(alive.map((one) => [one.observed.pod.uid, one]));
}

/** What a pod is worth and uses. */
async function weigh(
  { podsDir }: HouseParts,
  pod: PodObject,
  seen: PodOnRuntime,
  signal: AbortSignal,
): Promise<Evictable> {
  const { runtime, observed } = seen;
  const requests = podRequests(pod.spec);
  const requested = (name: string): number => Number((requests.get(name) ?? 0n) / BILLION);
  const { whole } = await podDiskUse(podsDir, seen, signal);
  const usages = await Promise.all(observed.containers.map(({ id }) => runtime.usage(id, signal)));
  const sum = (of: 'memoryBytes' | 'processes'): number =>
    usages.reduce((total, usage) => total + (usage?.[of] ?? 0), 0);
  return {
    priority: importanceOf(pod),
    memoryRequestBytes: requested('memory'),
    diskRequestBytes: requested('ephemeral-storage'),
    memoryBytes: sum('memoryBytes'),
    diskBytes: whole.bytes,
    inodes: whole.inodes,
    processes: sum('processes'),
  };
}
