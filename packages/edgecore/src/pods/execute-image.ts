import type { Clock } from '@skerry/shared/clock';
import type { ObjectKey } from '@skerry/shared/names';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import { ImageFailure } from '../runtime/runtime-errors.ts';
import type { Background } from './background.ts';
import { credentialsFor, type ImageAccess } from './image-access.ts';
import type { PodEvent } from './pod-events.ts';
import type { ContainerShape } from './pod-shape.ts';
import { imageKey, type PodProgress } from './progress.ts';

/** What getting an image needs. */
export interface ImageContext {
  readonly key: ObjectKey;
  readonly runtime: ContainerRuntime;
  readonly progress: PodProgress;
  readonly background: Background;
  readonly clock: Clock;
  readonly tell: (event: PodEvent) => Promise<void>;
  readonly imageAccess: () => Promise<ImageAccess>;
  /** Takes note of an image that a container needs, and whether this agent has fetched it. */
  readonly noteImage: (id: string, pulled: boolean) => void;
}

/**
 * Begins to get a container's image; `isUpdate` when it runs, with another. What fails is noted, where
 * the next plan finds it.
 */
export function beginImage(
  wanted: ContainerShape,
  isUpdate: boolean,
  context: ImageContext,
  signal: AbortSignal,
): void {
  const { progress, background, clock } = context;
  const key = imageKey(wanted);
  const held = progress.images.get(key);
  const before = held?.phase === 'failed' ? held.fault : undefined;
  progress.images.set(key, { phase: 'pulling' });
  background.begin(
    context.key,
    async (ending) => {
      try {
        const id = await getImage(wanted, context, ending);
        progress.images.set(key, { phase: 'ready', id });
      } catch (error) {
        progress.images.delete(key);
        if (!(error instanceof ImageFailure)) throw error;
        const { reason, message } = error;
        progress.failImage(key, { reason, message }, before, clock.now());
        if (isUpdate) await tellOfUpdate(wanted, error, context);
      }
    },
    signal,
  );
}

async function getImage(
  { name, image, pullPolicy }: ContainerShape,
  { runtime, clock, tell, imageAccess, noteImage }: ImageContext,
  signal: AbortSignal,
): Promise<string> {
  const about = (reason: string, message: string): PodEvent => ({
    type: 'Normal',
    reason,
    message,
    container: name,
  });
  const access = await imageAccess();
  const begun = clock.monotonic();
  const told: Promise<void>[] = [];
  const onPulling = (): void => {
    if (access.missing.length > 0) told.push(tell(missingSecrets(access.missing)));
    told.push(tell(about('Pulling', `Pulling image "${image}"`)));
  };
  const credentials = credentialsFor(image, access);
  try {
    const wish = { name: image, policy: pullPolicy, credentials, onPulling };
    const { id, pulled } = await runtime.ensureImage(wish, signal);
    noteImage(id, pulled);
    const seconds = ((clock.monotonic() - begun) / 1000).toFixed(3);
    const message = pulled
      ? `Successfully pulled image "${image}" in ${seconds}s`
      : `Container image "${image}" already present on machine`;
    await Promise.all(told);
    await tell(about('Pulled', message));
    return id;
  } finally {
    await Promise.all(told);
  }
}

function missingSecrets(names: readonly string[]): PodEvent {
  const message = `Unable to retrieve some image pull secrets (${names.join(', ')}); attempting to pull the image may not succeed.`;
  return { type: 'Warning', reason: 'FailedToRetrieveImagePullSecret', message };
}

/** The status of a container that runs on says nothing of the image that it is to have instead. */
async function tellOfUpdate(
  { name, image }: ContainerShape,
  { message }: ImageFailure,
  { tell }: ImageContext,
): Promise<void> {
  const text = `Failed to pull image "${image}": ${message}; the container runs on as it is`;
  await tell({ type: 'Warning', reason: 'Failed', message: text, container: name });
}
