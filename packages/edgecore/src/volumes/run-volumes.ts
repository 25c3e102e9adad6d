import { rm } from 'node:fs/promises';
import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import { work, type Requeue, type WorkQueue } from '@skerry/shared/workqueue';
import type { Reporter } from '../link/reporter.ts';
import { readObject, type ObjectReader } from '../meta/object-reader.ts';
import type { Mounter } from '../pods/volumes/mounter.ts';
import { StillMounted } from '../pods/volumes/volume-dirs.ts';
import { removalOf, type EndingVolume } from './removal.ts';

/** What could not be removed is tried again so soon. */
const RETRY_MS = 30_000;

export interface VolumesParts {
  readonly node: NodeName;
  /** Where the directories of volumes are; absolute. */
  readonly directory: string;
  readonly objects: ObjectReader;
  /** Keys of PersistentVolumes that changed; on start, every held one. */
  readonly dirty: WorkQueue<ObjectKey>;
  readonly reporter: Reporter;
  readonly mounter: Pick<Mounter, 'mountsAt'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Removes what is in the node's own volumes when it is told to, and says so, until `signal` aborts. A volume
 * is held until that has been heard: a crash anywhere on the way costs one more look.
 */
export async function runVolumes(parts: VolumesParts, signal: AbortSignal): Promise<void> {
  const { dirty, clock, log } = parts;
  const failed = (key: ObjectKey, error: unknown): Requeue => {
    log.warn({ key, code: codeOf(error), error: messageOf(error) }, 'volume not removed');
    return { afterMs: RETRY_MS };
  };
  const reconcile = (key: ObjectKey): Promise<Requeue> => volumeTurn(parts, key);
  await work({ queue: dirty, clock, workers: 1, reconcile, failed }, signal);
}

async function volumeTurn(parts: VolumesParts, key: ObjectKey): Promise<Requeue> {
  const { objects, mounter, reporter, log } = parts;
  const volume = (await readObject(objects, key)) as EndingVolume | undefined;
  if (!volume) return undefined;
  const removal = removalOf(volume, parts);
  if (removal.do === 'nothing') return undefined;
  if (removal.do === 'refuse') {
    log.error({ key, why: removal.why }, 'volume not removed: not of this node');
    return undefined;
  }
  const [mounted] = await mounter.mountsAt(removal.path);
  if (mounted !== undefined) throw new StillMounted(`${mounted} is still mounted`);
  await rm(removal.path, { recursive: true, force: true });
  log.info({ key, path: removal.path }, 'volume removed');
  const { uid } = volume.metadata;
  const payload = Buffer.from(JSON.stringify({ uid, removed: true }));
  await reporter.report({ class: 'status', key, payload });
  return undefined;
}
