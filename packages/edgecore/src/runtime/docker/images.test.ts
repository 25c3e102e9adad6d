import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RegistryCredential } from '../container-runtime.ts';
import { EngineRefused } from './engine-refused.ts';
import type { PullProgress } from './untyped-engine.ts';
import { LEAST_ROOM_BYTES, REGISTRY_PATIENCE_MS, ensureImage } from './images.ts';

/** An engine that knows some images, and whose registry behaves as told. */
class ImagesOnly {
  readonly here = new Map<string, string>();
  pulls = 0;
  /** Whom alone the registry serves. */
  user: string | undefined;
  registry: (signal: AbortSignal) => AsyncGenerator<PullProgress, void> = gives;

  image(name: string): Promise<{ readonly Id: string } | undefined> {
    if (name === 'Bad') throw new EngineRefused(400, 'invalid reference format', undefined);
    const id = this.here.get(name);
    return Promise.resolve(id === undefined ? undefined : { Id: id });
  }

  async *pull(
    name: string,
    credential: RegistryCredential | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<PullProgress, void> {
    this.pulls++;
    if (this.user !== undefined && credential?.username !== this.user)
      throw new EngineRefused(500, 'unauthorized', undefined);
    yield* this.registry(signal);
    this.here.set(name, 'sha256:new');
  }
}

async function* gives(): AsyncGenerator<PullProgress, void> {
  await Promise.resolve();
  yield { status: 'Pulling from app' };
  yield { status: 'Pull complete' };
}

async function* fails(message: string): AsyncGenerator<PullProgress, void> {
  await Promise.resolve();
  yield { status: 'Pulling from app' };
  yield { error: message };
}

const refuses = (message: string): (() => AsyncGenerator<PullProgress, void>) =>
  async function* (): AsyncGenerator<PullProgress, void> {
    await Promise.resolve();
    throw new EngineRefused(500, message, undefined);
  };

async function* silent(signal: AbortSignal): AsyncGenerator<PullProgress, void> {
  await new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

describe('ensureImage', () => {
  const { signal } = new AbortController();
  let clock: ManualClock;
  let engine: ImagesOnly;
  let free: number | undefined;
  const ensure = (
    name: string,
    policy: 'Always' | 'IfNotPresent' | 'Never',
    credentials: readonly RegistryCredential[] = [],
  ): ReturnType<typeof ensureImage> => {
    const freeBytes = (): Promise<number | undefined> => Promise.resolve(free);
    return ensureImage({ engine, clock, freeBytes }, { name, policy, credentials }, signal);
  };

  beforeEach(() => {
    clock = new ManualClock();
    engine = new ImagesOnly();
    free = undefined;
    engine.here.set('app:1', 'sha256:old');
  });

  it('pulls what is not here, or what is always to be pulled', async () => {
    expect(await ensure('app:2', 'IfNotPresent')).toEqual({ id: 'sha256:new', pulled: true });
    expect(await ensure('app:1', 'Always')).toEqual({ id: 'sha256:new', pulled: true });
  });

  it('does not ask about what is here', async () => {
    expect(await ensure('app:1', 'IfNotPresent')).toEqual({ id: 'sha256:old', pulled: false });
    engine.here.set('app@sha256:1', 'sha256:pinned');
    expect((await ensure('app@sha256:1', 'Always')).id).toBe('sha256:pinned');
    expect(engine.pulls).toBe(0);
  });

  it('takes the image that is here when no registry was reached', async () => {
    engine.registry = refuses(
      'Get "https://example.com/v2/": dial tcp: lookup example.com: no such host',
    );
    expect(await ensure('app:1', 'Always')).toEqual({ id: 'sha256:old', pulled: false });
    await expect(ensure('app:2', 'Always')).rejects.toMatchObject({ reason: 'ErrImagePull' });
  });

  it('takes the image that is here when the registry keeps silent', async () => {
    engine.registry = silent;
    const held = ensure('app:1', 'Always');
    await settle();
    await clock.advance(REGISTRY_PATIENCE_MS);
    expect(await held).toEqual({ id: 'sha256:old', pulled: false });
  });

  it('is patient once the registry has answered', async () => {
    let finish = (): void => undefined;
    engine.registry = async function* () {
      yield { status: 'Pulling from app' };
      await new Promise<void>((resolve) => (finish = resolve));
      yield { status: 'done' };
    };
    const held = ensure('app:1', 'Always');
    await clock.advance(60_000);
    finish();
    expect((await held).pulled).toBe(true);
  });

  it('believes a registry that says no, although an image is here', async () => {
    engine.registry = () => fails('manifest for app:1 not found');
    await expect(ensure('app:1', 'Always')).rejects.toMatchObject({
      reason: 'ErrImagePull',
      message: 'manifest for app:1 not found',
    });
  });

  it('never pulls what must not be pulled', async () => {
    await expect(ensure('app:2', 'Never')).rejects.toMatchObject({
      reason: 'ErrImageNeverPull',
      message: 'Container image "app:2" is not present with pull policy of Never',
    });
    expect(engine.pulls).toBe(0);
  });

  it.each(['has a space', '../x?y', 'Bad'])('knows that %j is no name', async (name) => {
    await expect(ensure(name, 'IfNotPresent')).rejects.toMatchObject({
      reason: 'InvalidImageName',
    });
  });

  it('tries one credential after the other', async () => {
    const as = (username: string): RegistryCredential => ({
      registry: 'r',
      username,
      password: '',
    });
    engine.user = 'second';
    await ensure('app', 'IfNotPresent', [as('first'), as('second'), as('third')]);
    expect(engine.pulls).toBe(2);
    engine.user = 'nobody';
    const refused = ensure('other', 'IfNotPresent', [as('first')]);
    await expect(refused).rejects.toMatchObject({
      reason: 'ErrImagePull',
      message: 'unauthorized',
    });
  });

  it('begins no pull where there is no room, and does with what is here', async () => {
    free = LEAST_ROOM_BYTES - 1;
    await expect(ensure('app', 'IfNotPresent')).rejects.toMatchObject({
      reason: 'ErrImagePull',
      message: 'app was not pulled: 127 MiB are free for images, 128 MiB are needed',
    });
    engine.here.set('app', 'sha256:old');
    expect(await ensure('app', 'Always')).toEqual({ id: 'sha256:old', pulled: false });
    expect(engine.pulls).toBe(0);
    free = LEAST_ROOM_BYTES;
    expect((await ensure('app', 'Always')).pulled).toBe(true);
  });
});
