import { join } from 'node:path';
import { codeOf, messageOf } from '@skerry/shared/errors';
import { usageBelow } from '../runtime/disk-usage.ts';
import { podDiskUse, podsOn, type DiskUse } from './disk-use.ts';
import type { TurnParts } from './held-turn.ts';
import { parsePod } from './parse-pod.ts';
import { PODS } from './pod-key.ts';
import type { Container, PodObject, PodSpec } from './pod.ts';
import { identityOf } from './pod-shape.ts';
import type { PodReconciler } from './reconciler.ts';
import { bytesOf } from './resources.ts';
import { podDirectory } from './volumes/volume-dirs.ts';

/** Time between two looks, milliseconds. */
export const SIZE_LOOK_MS = 10_000;
/** A container that fills the disk is not asked for long. */
const GRACE_SECONDS = 1;

export interface SizeParts extends TurnParts {
  readonly reconciler: Pick<PodReconciler, 'condemn'>;
}

/**
 * Evicts pods that keep more on the node's disk than they may: in an emptyDir than its `sizeLimit`, in a
 * container than its limit of `ephemeral-storage`, or altogether than these limits together. An emptyDir in
 * memory cannot: its file system is only so large. Ends when `signal` aborts.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#local-ephemeral-storage
 */
export async function watchSizes(parts: SizeParts, signal: AbortSignal): Promise<void> {
  const { clock, log } = parts;
  const rest = (): Promise<boolean> =>
    clock.sleep(SIZE_LOOK_MS, signal).then(
      () => true,
      () => false,
    );
  while (await rest())
    await lookAtAll(parts, signal).catch((error: unknown) => {
      if (signal.aborted) return;
      log.warn({ code: codeOf(error), error: messageOf(error) }, 'volumes not measured');
    });
}

async function lookAtAll(parts: SizeParts, signal: AbortSignal): Promise<void> {
  const { objects, reconciler, log } = parts;
  for (const { key, uid, object } of await objects.list(PODS)) {
    const pod = parsePod(object);
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue;
    const message =
      (await overfullVolume(parts, pod)) ?? (await overfullContainer(parts, pod, signal));
    if (message === undefined) continue;
    const verdict = { reason: 'Evicted', message, graceSeconds: GRACE_SECONDS };
    if (reconciler.condemn(key, uid, verdict)) log.warn({ key, message }, 'pod evicted');
  }
}

/** In the words of a kubelet; undefined when every volume is within its limit. */
async function overfullVolume({ podsDir }: SizeParts, pod: PodObject): Promise<string | undefined> {
  const directory = podDirectory(podsDir, identityOf(pod).uid);
  for (const { name, emptyDir } of pod.spec.volumes ?? []) {
    const limit = emptyDir?.medium ? 0 : bytesOf(emptyDir?.sizeLimit);
    if (limit > 0 && (await usageBelow(join(directory, 'volumes', name))).bytes > limit)
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${emptyDir?.sizeLimit ?? ''}". `;
  }
  return undefined;
}

async function overfullContainer(
  { podsDir, runtimes }: SizeParts,
  pod: PodObject,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (limited(pod.spec).length === 0) return undefined; // asking the engine costs
  const { namespace, name, uid } = identityOf(pod);
  const seen = await podsOn(runtimes.ready(), { namespace, name }, signal);
  const own = seen.find(({ observed }) => observed.pod.uid === uid);
  return own && overLimit(pod.spec, await podDiskUse(podsDir, own, signal));
}

/** Pure: the sentence of a kubelet about a pod that keeps more on disk than its limits allow. */
export function overLimit(spec: PodSpec, use: DiskUse): string | undefined {
  const limits = limited(spec);
  const whole = limits.reduce((sum, { bytes }) => sum + bytes, 0);
  const over = limits.find(({ name, bytes }) => (use.containers.get(name) ?? 0) > bytes);
  if (over)
    return `Container ${over.name} exceeded its local ephemeral storage limit "${over.text}". `;
  if (limits.length === 0 || use.whole.bytes <= whole) return undefined;
  return `Pod ephemeral local storage usage exceeds the total limit of containers ${whole}. `;
}

interface Limit {
  readonly name: string;
  readonly bytes: number;
  /** As the pod has it. */
  readonly text: string;
}

/** Containers that may only keep so much. */
function limited({ initContainers = [], containers }: PodSpec): Limit[] {
  return [...initContainers, ...containers].flatMap(({ name, resources }: Container) => {
    const text = resources?.limits?.['ephemeral-storage'];
    return text === undefined ? [] : [{ name, bytes: bytesOf(text), text: String(text) }];
  });
}
