import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CutOff } from '../link/contact.ts';
import { FakeResources } from '../node/testing/fake-resources.ts';
import { FakeMachine, FakeRuntime } from '../runtime/testing/fake-runtime.ts';
import { HOUSEKEEPING_MS } from './housekeeping.ts';
import type { PodObject } from './pod.ts';
import { SIZE_LOOK_MS } from './size-limits.ts';
import { PodNode, podObject } from './testing/pod-node.ts';

const second = 1000;
const minute = 60 * second;
const GiB = 1024 ** 3;

/** A link that is cut and comes back when a test says so. */
class FakeCutOff implements CutOff {
  since: number | undefined;
  readonly #listeners = new Set<() => void>();

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  turn(since: number | undefined): void {
    this.since = since;
    for (const listener of this.#listeners) listener();
  }
}

let clock: ManualClock;
let machine: FakeMachine;
let resources: FakeResources;
let cutOff: FakeCutOff;
let node: PodNode;

beforeEach(async () => {
  clock = new ManualClock();
  machine = new FakeMachine(clock);
  machine.images.set('busybox:1', 'sha256:1');
  machine.registry.set('busybox:2', 'sha256:2');
  resources = new FakeResources();
  cutOff = new FakeCutOff();
  const open = (): Promise<FakeRuntime> => Promise.resolve(new FakeRuntime(machine));
  node = await PodNode.start({ clock, open, resources, cutOff });
});
afterEach(() => node[Symbol.asyncDispose]());

/** File system calls take real time: goes on until `is`, moving no clock. */
const until = async (is: () => boolean): Promise<void> => {
  while (!is()) await clock.advance(0);
};
const quiet = async (): Promise<void> => {
  for (let turn = 0; turn < 100; turn++) await clock.advance(0);
};
const untilPhase = (phase: string, name = 'web'): Promise<void> =>
  until(() => node.status(name)?.phase === phase);
const asking = (requests: Record<string, string>): Pick<PodObject['spec'], 'containers'> => ({
  containers: [{ name: 'main', image: 'busybox:1', resources: { requests } }],
});

describe('a pod that the node cannot run', () => {
  it('is failed with the reason, told once, and never tried again', async () => {
    const pod = podObject(asking({ cpu: '3' }));
    node.hold('pods', pod);
    await untilPhase('Failed');
    node.echo(pod);
    await until(() => node.events().length > 0);
    expect(node.status()).toMatchObject({
      phase: 'Failed',
      reason: 'OutOfcpu',
      message:
        "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 0, capacity: 2000",
    });
    expect(node.status()).not.toHaveProperty('containerStatuses');
    await quiet();
    const told = node.reports.length;
    resources.allocatable = { ...resources.allocatable, cpu: '8' };
    await clock.advance(10 * minute);
    await quiet();
    await node.stopAgent();
    node.startAgent();
    await quiet();
    expect(node.reports).toHaveLength(told);
    expect(machine.asked).toEqual([]);
    expect(node.events()).toHaveLength(1);
    expect(node.events()[0]).toMatch(/^OutOfcpu: Pod was rejected/);
  });

  it('is refused where others are, and taken when they have ended', async () => {
    const first = node.hold('pods', podObject({ ...asking({ cpu: '1500m' }), name: 'first' }));
    await untilPhase('Running', 'first');
    node.hold('pods', podObject({ ...asking({ cpu: '1' }), name: 'second' }));
    await untilPhase('Failed', 'second');
    node.release(first);
    await until(() => machine.containers.size === 0);
    node.hold('pods', podObject({ ...asking({ cpu: '1' }), name: 'third' }));
    await untilPhase('Running', 'third');
  });

  it('makes room as soon as it has completed', async () => {
    const containers = [
      {
        name: 'main',
        image: 'busybox:1',
        command: ['exits', '0'],
        resources: { requests: { cpu: '2' } },
      },
    ];
    node.hold('pods', podObject({ name: 'job', restartPolicy: 'Never', containers }));
    await untilPhase('Succeeded', 'job');
    node.hold('pods', podObject(asking({ cpu: '2' })));
    await untilPhase('Running');
  });

  it('is judged against those that an earlier agent has taken', async () => {
    node.hold('pods', podObject({ ...asking({ cpu: '1500m' }), name: 'first' }));
    await untilPhase('Running', 'first');
    await quiet();
    await node.stopAgent();
    resources.allocatable = { ...resources.allocatable, cpu: '1' }; // the first stays all the same
    node.startAgent();
    node.hold('pods', podObject({ ...asking({ cpu: '100m' }), name: 'second' }));
    await untilPhase('Failed', 'second');
    expect(node.status('second')?.message).toContain('used: 1500, capacity: 1000');
    expect(node.status('first')?.phase).toBe('Running');
  });

  it('of an unknown runtime class is failed, not left pending', async () => {
    node.hold('pods', podObject({ runtimeClassName: 'kata' }));
    await untilPhase('Failed');
    expect(node.status()?.reason).toBe('RuntimeClassNotFound');
  });
});

describe('what a container may use', () => {
  it('is told less what the node keeps for itself', async () => {
    const less = { cpu: '1500m', memory: '1Gi', 'ephemeral-storage': '2Gi' };
    resources.allocatable = { ...resources.allocatable, ...less };
    const env = ['cpu', 'memory', 'ephemeral-storage'].map((name) => {
      const divisor = name === 'cpu' ? '1m' : '1Mi';
      return { name, valueFrom: { resourceFieldRef: { resource: `limits.${name}`, divisor } } };
    });
    node.hold('pods', podObject({ containers: [{ name: 'main', image: 'busybox:1', env }] }));
    await untilPhase('Running');
    const told = machine.find('main')?.spec.env.map(({ value }) => value);
    expect(told).toEqual(['1500', '1024', '2048']);
  });
});

describe('pieces of the machine', () => {
  const camera = (path: string): FakeResources['pieces'][number] => ({
    resource: 'example.com/camera',
    count: 1,
    paths: [path, '/dev/media0'],
  });

  it('go to one container each, also after a restart', async () => {
    resources.allocatable = { ...resources.allocatable, 'example.com/camera': '2' };
    resources.pieces = [camera('/dev/video0'), camera('/dev/video1')];
    const wish = asking({ 'example.com/camera': '1' });
    node.hold('pods', podObject({ ...wish, name: 'left' }));
    await untilPhase('Running', 'left');
    expect(machine.find('main')?.spec.devices).toEqual(['/dev/video0', '/dev/media0']);
    await quiet();
    await node.stopAgent();
    node.startAgent();
    node.hold('pods', podObject({ ...wish, name: 'right' }));
    await untilPhase('Running', 'right');
    expect(machine.find('main')?.spec.devices).toEqual(['/dev/video1', '/dev/media0']);
    node.hold('pods', podObject({ ...wish, name: 'third' }));
    await untilPhase('Failed', 'third');
    expect(node.status('third')?.reason).toBe('OutOfexample.com/camera');
  });
});

describe('a node that runs short', () => {
  it('evicts one pod at a time, who uses most beyond what it asked for first', async () => {
    machine.memory.set('greedy', GiB).set('modest', 10);
    for (const name of ['modest', 'greedy']) node.hold('pods', podObject({ name }));
    await untilPhase('Running', 'greedy');
    await untilPhase('Running', 'modest');
    resources.facts = { memoryAvailableBytes: 1024 };
    await clock.advance(HOUSEKEEPING_MS);
    await untilPhase('Failed', 'greedy');
    resources.facts = {};
    expect(node.status('greedy')).toMatchObject({
      reason: 'Evicted',
      message:
        'The node was low on resource: memory. Threshold quantity: 104857Ki, available: 1Ki. ',
    });
    expect(node.status('greedy')?.conditions).toContainEqual(
      expect.objectContaining({
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'TerminationByKubelet',
      }),
    );
    await until(() => machine.containers.get('uid-of-greedy-main-0')?.state.phase === 'exited');
    await clock.advance(5 * HOUSEKEEPING_MS);
    await quiet();
    expect(node.status('modest')?.phase).toBe('Running');
    await until(() => node.events().some((event) => event.startsWith('Evicted')));
    expect(node.events().filter((event) => event.startsWith('Evicted'))).toHaveLength(1);
  });

  it('counts what containers have written over their images', async () => {
    machine.disk.set('greedy', GiB).set('modest', 10);
    for (const name of ['modest', 'greedy']) node.hold('pods', podObject({ name }));
    await untilPhase('Running', 'greedy');
    await untilPhase('Running', 'modest');
    resources.facts = { diskAvailableBytes: 0 };
    await clock.advance(HOUSEKEEPING_MS);
    await untilPhase('Failed', 'greedy');
    resources.facts = {};
    expect(node.status('greedy')?.message).toContain('low on resource: ephemeral-storage');
    expect(node.status('modest')?.phase).toBe('Running');
  });

  it('evicts who keeps most files where inodes run short', async () => {
    machine.disk.set('large', GiB);
    machine.inodes.set('hoarder', 100_000);
    for (const name of ['large', 'hoarder']) node.hold('pods', podObject({ name }));
    await untilPhase('Running', 'hoarder');
    await untilPhase('Running', 'large');
    resources.facts = { inodesAvailable: 10 };
    await clock.advance(HOUSEKEEPING_MS);
    await untilPhase('Failed', 'hoarder');
    resources.facts = {};
    expect(node.status('hoarder')?.message).toBe(
      'The node was low on resource: inodes. Threshold quantity: 50, available: 10. ',
    );
    expect(node.status('large')?.phase).toBe('Running');
  });

  it('removes images that it has fetched and that nobody needs, and evicts nobody for it', async () => {
    const key = node.hold(
      'pods',
      podObject({ name: 'old', containers: [{ name: 'main', image: 'busybox:2' }] }),
    );
    await untilPhase('Running', 'old');
    node.hold('pods', podObject());
    await untilPhase('Running');
    node.release(key);
    await until(() => machine.containers.size === 1);
    await clock.advance(10 * minute);
    expect([...machine.images.keys()]).toEqual(['busybox:1', 'busybox:2']);
    resources.facts = { diskAvailableBytes: 12 * GiB };
    await clock.advance(HOUSEKEEPING_MS);
    await until(() => machine.images.size === 1);
    await quiet();
    expect([...machine.images.keys()]).toEqual(['busybox:1']); // held, and never ours
    expect(node.status()?.phase).toBe('Running');
  });

  it('keeps the image of a held pod although no container of it is left', async () => {
    const containers = [{ name: 'main', image: 'busybox:2' }];
    node.hold('pods', podObject({ containers }));
    await untilPhase('Running');
    await quiet();
    machine.containers.clear();
    resources.facts = { diskAvailableBytes: 0 };
    await clock.advance(HOUSEKEEPING_MS * 20);
    await quiet();
    expect(machine.images.has('busybox:2')).toBe(true);
  });
});

describe('a pod that may keep only so much on disk', () => {
  it('is evicted when its container has written more', async () => {
    resources.allocatable = { ...resources.allocatable, 'ephemeral-storage': '1Gi' };
    const limits = { 'ephemeral-storage': '1Mi' };
    const containers = [{ name: 'main', image: 'busybox:1', resources: { limits } }];
    node.hold('pods', podObject({ containers }));
    await untilPhase('Running');
    machine.disk.set('web', 1024 ** 2 - 100);
    await clock.advance(SIZE_LOOK_MS);
    await quiet();
    expect(node.status()?.phase).toBe('Running');
    machine.disk.set('web', 1024 ** 2 + 1);
    await clock.advance(SIZE_LOOK_MS);
    await untilPhase('Failed');
    expect(node.status()).toMatchObject({
      reason: 'Evicted',
      message: 'Container main exceeded its local ephemeral storage limit "1Mi". ',
    });
    await until(() => machine.sandboxes.size === 0);
  });
});

describe('a pod that may only be here for so long', () => {
  it('is failed when its time is over', async () => {
    node.hold('pods', podObject({ activeDeadlineSeconds: 30 }));
    await untilPhase('Running');
    await clock.advance(29 * second);
    await quiet();
    expect(node.status()?.phase).toBe('Running');
    await clock.advance(second);
    await untilPhase('Failed');
    expect(node.status()?.reason).toBe('DeadlineExceeded');
    await until(() => machine.sandboxes.size === 0);
  });
});

describe('a pod that is stopped offline', () => {
  const policy = { annotations: { 'edge.skerry.io/offline-policy': 'stop-after: 10m' } };
  const runs = (): boolean =>
    [...machine.containers.values()].some(({ state }) => state.phase === 'running');

  it('runs for as long as it may, and again when the node is back', async () => {
    node.hold('pods', podObject({ metadata: policy }));
    node.hold('pods', podObject({ name: 'kept' }));
    await untilPhase('Running');
    await untilPhase('Running', 'kept');
    cutOff.turn(clock.now());
    await clock.advance(10 * minute - second);
    await quiet();
    expect(machine.asked.some((asked) => asked.startsWith('stop'))).toBe(false);
    await clock.advance(second);
    await until(() => machine.sandboxes.size === 1);
    expect(node.status('kept')?.containerStatuses?.[0]?.restartCount).toBe(0);
    await clock.advance(10 * minute);
    await quiet();
    expect(machine.asked.filter((asked) => asked.startsWith('start'))).toHaveLength(2);
    cutOff.turn(undefined);
    await until(() => node.status()?.containerStatuses?.[0]?.restartCount === 1);
    await until(() => node.status()?.containerStatuses?.[0]?.ready === true);
    expect(node.status()?.phase).toBe('Running');
  });

  it('is not begun by an agent that starts when that time is over', async () => {
    await node.stopAgent();
    cutOff.since = clock.now() - 11 * minute;
    node.hold('pods', podObject({ metadata: policy }));
    node.startAgent();
    await until(() => node.status() !== undefined);
    await quiet();
    expect(runs()).toBe(false);
    expect(node.status()?.phase).toBe('Pending');
    cutOff.turn(undefined);
    await until(runs);
  });
});
