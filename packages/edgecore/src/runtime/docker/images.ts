import type { Clock } from '@skerry/shared/clock';
import type { HeldImage, ImageWish, PullPolicy, RegistryCredential } from '../container-runtime.ts';
import { ImageFailure } from '../runtime-errors.ts';
import { EngineRefused } from './engine-refused.ts';
import type { Engine } from './engine.ts';

/** How long a registry may stay silent before the image that is here has to do. */
export const REGISTRY_PATIENCE_MS = 2000;

/** What engines say when the registry was not reached at all. */
const unreached =
  /dial tcp|no such host|timeout|timed out|connection (refused|reset)|unreachable|TLS handshake|EOF|server misbehaving|temporary failure/i;

/** Characters of a reference; whether it is one, the engine decides. */
const speakable = /^[\w./:@-]+$/;

/** Room that a pull needs at least, bytes: an engine whose disk is full does worse than to refuse. */
export const LEAST_ROOM_BYTES: number = 128 * 1024 * 1024;

export interface ImageParts {
  readonly engine: Pick<Engine, 'image' | 'pull'>;
  readonly clock: Clock;
  /** Free where the engine keeps images; undefined when that cannot be told. */
  readonly freeBytes: () => Promise<number | undefined>;
}

/** Makes sure of an image; see `ContainerRuntime.ensureImage`. */
export async function ensureImage(
  parts: ImageParts,
  wish: ImageWish,
  signal: AbortSignal,
): Promise<HeldImage> {
  const { name, policy } = wish;
  const { engine } = parts;
  const present = await imageId(engine, name, signal);
  if (present !== undefined && !mustAsk(name, policy)) return { id: present, pulled: false };
  if (policy === 'Never') throw neverPulled(name);
  wish.onPulling?.();
  const isHere = present !== undefined;
  const outcome = (await hasRoom(parts, name, isHere))
    ? await pullAsAnyone(parts, wish, isHere, signal)
    : 'silent';
  if (outcome === 'silent' && present !== undefined) return { id: present, pulled: false };
  const id = await imageId(engine, name, signal);
  if (id === undefined)
    throw new ImageFailure('ErrImagePull', `${name} was pulled and is not here`);
  return { id, pulled: true };
}

/** Without room a pull is not begun; an image that is here has to do. */
async function hasRoom({ freeBytes }: ImageParts, name: string, isHere: boolean): Promise<boolean> {
  const free = await freeBytes();
  if (free === undefined || free >= LEAST_ROOM_BYTES) return true;
  if (isHere) return false;
  const [has, needs] = [free, LEAST_ROOM_BYTES].map((bytes) => Math.floor(bytes / 1024 ** 2));
  const message = `${name} was not pulled: ${has ?? 0} MiB are free for images, ${needs ?? 0} MiB are needed`;
  throw new ImageFailure('ErrImagePull', message);
}

/** With one credential after the other, until one is let in. */
async function pullAsAnyone(
  parts: ImageParts,
  { name, credentials = [] }: ImageWish,
  mayDoWithout: boolean,
  signal: AbortSignal,
): Promise<'done' | 'silent'> {
  for (const [at, credential] of credentials.entries()) {
    try {
      return await pull(parts, { name, credential }, mayDoWithout, signal);
    } catch (error) {
      if (!(error instanceof ImageFailure) || at === credentials.length - 1) throw error;
    }
  }
  return pull(parts, { name }, mayDoWithout, signal);
}

/** A name with a digest means one content: nothing about it can have changed. */
function mustAsk(name: string, policy: PullPolicy): boolean {
  return policy === 'Always' && !name.includes('@sha256:');
}

function neverPulled(name: string): ImageFailure {
  const message = `Container image "${name}" is not present with pull policy of Never`;
  return new ImageFailure('ErrImageNeverPull', message);
}

async function imageId(
  engine: ImageParts['engine'],
  name: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!speakable.test(name)) throw invalidName(name);
  try {
    return (await engine.image(name, signal))?.Id;
  } catch (error) {
    throw explained(name, error);
  }
}

/**
 * Pulls; answers `silent` when no registry answered. Where `mayDoWithout` is set, silence is decided
 * by the clock as well: engines try for minutes, and a node that is cut off must not.
 */
async function pull(
  { engine, clock }: ImageParts,
  { name, credential }: { readonly name: string; readonly credential?: RegistryCredential },
  mayDoWithout: boolean,
  signal: AbortSignal,
): Promise<'done' | 'silent'> {
  const answered = new AbortController();
  const givenUp = new AbortController();
  if (mayDoWithout)
    clock.sleep(REGISTRY_PATIENCE_MS, AbortSignal.any([signal, answered.signal])).then(
      () => givenUp.abort(),
      () => undefined,
    );
  try {
    const either = AbortSignal.any([signal, givenUp.signal]);
    for await (const { error } of engine.pull(name, credential, either)) {
      answered.abort();
      if (error !== undefined) throw new EngineRefused(500, error, undefined);
    }
    return 'done';
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (givenUp.signal.aborted) return 'silent';
    if (mayDoWithout && error instanceof EngineRefused && unreached.test(error.message))
      return 'silent';
    throw explained(name, error);
  } finally {
    answered.abort();
  }
}

function explained(name: string, error: unknown): unknown {
  if (!(error instanceof EngineRefused)) return error;
  if (error.message.includes('invalid reference format')) return invalidName(name, error);
  return new ImageFailure('ErrImagePull', error.message.trim(), error);
}

function invalidName(name: string, cause?: unknown): ImageFailure {
  const message = `couldn't parse image name "${name}": invalid reference format`;
  return new ImageFailure('InvalidImageName', message, cause);
}
