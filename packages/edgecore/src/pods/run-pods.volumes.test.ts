import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TokenRefused, type TokenSource } from '../link/token-requests.ts';
import { FakeMachine, FakeRuntime } from '../runtime/testing/fake-runtime.ts';
import type { PodObject } from './pod.ts';
import { SIZE_LOOK_MS } from './size-limits.ts';
import { FakeMounter } from './testing/fake-mounter.ts';
import { PodNode, podObject } from './testing/pod-node.ts';

/** A hub that is down until it is told to come up. */
class LateHub implements TokenSource {
  #isUp = false;
  readonly #listeners = new Set<() => void>();

  ask(): ReturnType<TokenSource['ask']> {
    if (!this.#isUp) return Promise.reject(new TokenRefused('the hub cannot be reached'));
    return Promise.resolve({ type: 'tokenGrant', id: 1, token: 'secret', lifeSeconds: 3600 });
  }

  whenUp(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  comeUp(): void {
    this.#isUp = true;
    for (const listener of [...this.#listeners]) listener();
  }
}

describe('volumes of pods', () => {
  let clock: ManualClock;
  let machine: FakeMachine;
  let mounter: FakeMounter;
  let hub: LateHub;
  let node: PodNode;

  beforeEach(async () => {
    clock = new ManualClock();
    machine = new FakeMachine(clock);
    machine.images.set('busybox:1', 'sha256:1');
    mounter = new FakeMounter();
    hub = new LateHub();
    const open = (): Promise<FakeRuntime> => Promise.resolve(new FakeRuntime(machine));
    node = await PodNode.start({ clock, open, mounter, tokens: hub });
  });
  afterEach(() => node[Symbol.asyncDispose]());

  /** File system calls take real time: goes on until `is`, moving no clock. */
  const until = async (is: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await is())) await clock.advance(0);
  };
  const untilPhase = (phase: string): Promise<void> => until(() => node.status()?.phase === phase);
  const told = (text: string): Promise<void> =>
    until(() => node.events().some((event) => event.includes(text)));
  const podWith = (volume: object): PodObject =>
    podObject({
      volumes: [{ name: 'v', ...volume }],
      containers: [
        { name: 'main', image: 'busybox:1', volumeMounts: [{ name: 'v', mountPath: '/v' }] },
      ],
    });
  const place = (): string => join(node.podsDir, 'uid-of-web', 'volumes', 'v');

  it('evict the pod that puts more into them than it may', async () => {
    node.hold('pods', podWith({ emptyDir: { sizeLimit: '64Ki' } }));
    await untilPhase('Running');
    await writeFile(join(place(), 'within'), Buffer.alloc(16 * 1024));
    await clock.advance(SIZE_LOOK_MS);
    for (let turn = 0; turn < 100; turn++) await clock.advance(0);
    expect(node.status()?.phase).toBe('Running');
    await writeFile(join(place(), 'beyond'), Buffer.alloc(256 * 1024));
    await clock.advance(SIZE_LOOK_MS);
    await untilPhase('Failed');
    expect(node.status()).toMatchObject({
      reason: 'Evicted',
      message: 'Usage of EmptyDir volume "v" exceeds the limit "64Ki". ',
    });
    await until(() => machine.sandboxes.size === 0);
  });

  it('say what keeps a token from coming, and come when it does', async () => {
    const sources = [{ serviceAccountToken: { path: 'token' } }];
    node.hold('pods', podWith({ projected: { sources } }));
    await told('failed to fetch token: the hub cannot be reached');
    expect(node.status()?.phase).toBe('Pending');
    hub.comeUp();
    await untilPhase('Running');
    expect(await readFile(join(place(), 'token'), 'utf8')).toBe('secret');
  });

  it('tell nothing of a token that comes as it should', async () => {
    hub.comeUp();
    node.hold(
      'pods',
      podWith({ projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }),
    );
    await untilPhase('Running');
    expect(node.events().filter((event) => event.startsWith('FailedMount'))).toEqual([]);
  });

  it('wait for a claim, for its volume and for their union, and say for what', async () => {
    const metadata = { name: 'data', namespace: 'default', uid: 'c' };
    node.hold('pods', podWith({ persistentVolumeClaim: { claimName: 'data' } }));
    await told('persistentvolumeclaim "data" not found');
    node.hold('persistentvolumeclaims', { metadata });
    await told('PVC default/data is not bound');
    const spec = { volumeName: 'disk' };
    node.hold('persistentvolumeclaims', { metadata, spec, status: { phase: 'Bound' } });
    await told('persistentvolume "disk" not found');
    node.hold('persistentvolumes', {
      metadata: { name: 'disk', namespace: '', uid: 'v' },
      spec: { claimRef: metadata, nfs: { server: 's', path: '/x' } },
    });
    await untilPhase('Running');
    expect([...mounter.mounts.values()]).toMatchObject([{ type: 'nfs', source: 's:/x' }]);
  });

  it('are tried again when a server could not be reached', async () => {
    mounter.flaw = 'mount failed: Connection refused';
    node.hold('pods', podWith({ nfs: { server: 's', path: '/x' } }));
    await told('MountVolume.SetUp failed for volume "v" : mount failed: Connection refused');
    mounter.flaw = undefined;
    await clock.advance(1000);
    await untilPhase('Running');
  });
});
