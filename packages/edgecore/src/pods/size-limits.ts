import { join } from 'node:path';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { TurnParts } from './held-turn.ts';
import { parsePod } from './parse-pod.ts';
import { PODS } from './pod-key.ts';
import type { PodObject } from './pod.ts';
import type { PodReconciler } from './reconciler.ts';
import { bytesOf } from './resources.ts';
import { bytesBelow } from './volumes/disk-usage.ts';
import { podDirectory } from './volumes/volume-dirs.ts';

/** Time between two looks, milliseconds. */
export const SIZE_LOOK_MS = 10_000;
/** A container that fills the disk is not asked for long. */
const GRACE_SECONDS = 1;

export interface SizeParts extends TurnParts {
  readonly reconciler: Pick<PodReconciler, 'condemn'>;
}

/**
 * Evicts pods whose emptyDir volumes hold more than their `sizeLimit`, until `signal` aborts. One in
 * memory cannot: its file system is only so large.
 *
 * @see https://kubernetes.io/docs/concepts/storage/volumes/#emptydir
 */
export async function watchSizes(parts: SizeParts, signal: AbortSignal): Promise<void> {
  const { clock, log } = parts;
  const rest = (): Promise<boolean> =>
    clock.sleep(SIZE_LOOK_MS, signal).then(
      () => true,
      () => false,
    );
  while (await rest())
    await lookAtAll(parts).catch((error: unknown) =>
      log.warn({ code: codeOf(error), error: messageOf(error) }, 'volumes not measured'),
    );
}

async function lookAtAll({ objects, podsDir, reconciler, log }: SizeParts): Promise<void> {
  for (const { key, uid, object } of await objects.list(PODS)) {
    const pod = parsePod(object);
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') continue;
    const message = await overfull(podDirectory(podsDir, uid), pod);
    if (message === undefined) continue;
    const verdict = { reason: 'Evicted', message, graceSeconds: GRACE_SECONDS };
    if (reconciler.condemn(key, uid, verdict)) log.warn({ key, message }, 'pod evicted');
  }
}

/** In the words of a kubelet; undefined when every volume is within its limit. */
async function overfull(directory: string, { spec }: PodObject): Promise<string | undefined> {
  for (const { name, emptyDir } of spec.volumes ?? []) {
    const limit = emptyDir?.medium ? 0 : bytesOf(emptyDir?.sizeLimit);
    if (limit > 0 && (await bytesBelow(join(directory, 'volumes', name))) > limit)
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${emptyDir?.sizeLimit ?? ''}". `;
  }
  return undefined;
}
