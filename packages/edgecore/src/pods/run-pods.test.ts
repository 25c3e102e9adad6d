import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { uid } from '@skerry/shared/names';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeMachine, FakeRuntime } from '../runtime/testing/fake-runtime.ts';
import type { PodObject } from './pod.ts';
import { PodRecords } from './pod-records.ts';
import { PodNode, podObject } from './testing/pod-node.ts';

const second = 1000;
const minute = 60 * second;

describe('runPods', () => {
  let clock: ManualClock;
  let machine: FakeMachine;
  let node: PodNode;
  let opened: FakeRuntime[];

  const startNode = (complete?: Promise<void>): Promise<PodNode> =>
    PodNode.start({
      clock,
      open: () => {
        const runtime = new FakeRuntime(machine);
        opened.push(runtime);
        return Promise.resolve(runtime);
      },
      ...(complete && { complete }),
    });

  beforeEach(async () => {
    clock = new ManualClock();
    machine = new FakeMachine(clock);
    machine.images.set('busybox:1', 'sha256:1');
    machine.registry.set('busybox:2', 'sha256:2');
    opened = [];
    node = await startNode();
  });
  afterEach(() => node[Symbol.asyncDispose]());

  /** File system calls take real time: goes on until `is`, moving no clock. */
  const until = async (is: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await is())) await clock.advance(0);
  };
  const keepsNothing = async (): Promise<boolean> => (await readdir(node.podsDir)).length === 0;
  const untilPhase = (phase: string, name = 'web'): Promise<void> =>
    until(() => node.status(name)?.phase === phase);
  const quiet = async (): Promise<void> => {
    for (let turn = 0; turn < 100; turn++) await clock.advance(0);
  };
  const asked = (): string[] => machine.asked.splice(0);
  const said = (): string => JSON.stringify(state() ?? {});
  const state = (): object | undefined => node.status()?.containerStatuses?.[0]?.state;
  const deleted = (pod: PodObject, graceSeconds: number): PodObject => ({
    ...pod,
    metadata: {
      ...pod.metadata,
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: graceSeconds,
    },
  });

  it('runs a pod, and tells its status and events', async () => {
    node.hold('pods', podObject());
    await untilPhase('Running');
    expect(node.status()).toMatchObject({ podIP: '10.88.0.2', hostIP: '192.0.2.7' });
    expect(node.podReports()[0]).toMatchObject({ uid: 'uid-of-web', gone: false });
    await until(() => node.events().length === 3);
    expect(node.events()).toEqual([
      'Pulled: Container image "busybox:1" already present on machine',
      'Created: Created container: main',
      'Started: Started container main',
    ]);
  });

  it('reports a status only when it has changed', async () => {
    const pod = podObject();
    node.hold('pods', pod);
    await untilPhase('Running');
    await quiet();
    const told = node.podReports().length;
    node.echo(pod);
    await quiet();
    await clock.advance(5 * minute);
    expect(node.podReports()).toHaveLength(told);
  });

  it('says it again when the API server shows something else', async () => {
    const pod = podObject();
    node.hold('pods', pod);
    await untilPhase('Running');
    await quiet();
    const told = node.podReports().length;
    node.hold('pods', { ...pod, status: { ...node.status()!, phase: 'Pending' as const } });
    await until(() => node.podReports().length > told);
  });

  it('restarts what ends, with back-off, and forgets the row after ten minutes', async () => {
    node.hold('pods', podObject());
    await untilPhase('Running');
    const crash = async (): Promise<void> => {
      const { id } = machine.find('main')!;
      machine.exit(id, 1);
      await until(() => machine.find('main')!.id !== id || 'waiting' in (state() ?? {}));
    };
    await crash();
    await until(() => node.status()?.containerStatuses?.[0]?.restartCount === 1);
    await until(() => 'running' in (state() ?? {}));
    await crash();
    await until(() => 'waiting' in (state() ?? {}));
    expect(state()).toMatchObject({ waiting: { reason: 'CrashLoopBackOff' } });
    const event =
      'BackOff: Back-off restarting failed container main in pod web_default(uid-of-web)';
    await until(() => node.events().includes(event));
    await clock.advance(9 * second);
    await quiet();
    expect(machine.find('main')!.spec.mark.attempt).toBe(1);
    await clock.advance(2 * second);
    await until(() => machine.find('main')!.spec.mark.attempt === 2);
    await until(() => 'running' in (state() ?? {}));
    await clock.advance(10 * minute);
    await crash();
    await until(() => machine.find('main')!.spec.mark.attempt === 3);
  });

  it('ends a deleted pod with grace, says that it is gone, and keeps nothing', async () => {
    const containers = [{ name: 'main', image: 'busybox:1', command: ['untilKilled'] }];
    const pod = podObject({ containers });
    node.hold('pods', pod);
    await untilPhase('Running');
    await quiet();
    asked();
    const key = node.hold('pods', deleted(pod, 20));
    await until(() => machine.asked.includes('stop main.0 20s')).catch(() =>
      console.log(machine.asked, node.reports.length),
    );
    await clock.advance(19 * second);
    expect(node.podReports().some(({ gone }) => gone)).toBe(false);
    await clock.advance(second);
    await until(() => node.podReports().some(({ gone }) => gone));
    expect(node.podReports().at(-1)).toMatchObject({ gone: true, status: { phase: 'Failed' } });
    expect(machine.containers.size + machine.sandboxes.size).toBe(0);
    await until(keepsNothing);
    node.release(key);
    await quiet();
    expect(node.podReports().filter(({ gone }) => gone)).toHaveLength(1);
  });

  it('kills at once when a deletion is hurried', async () => {
    const containers = [{ name: 'main', image: 'busybox:1', command: ['untilKilled'] }];
    const pod = podObject({ containers });
    node.hold('pods', pod);
    await untilPhase('Running');
    node.hold('pods', deleted(pod, 300));
    await until(() => machine.asked.includes('stop main.0 300s'));
    node.hold('pods', deleted(pod, 0));
    await until(() => node.podReports().some(({ gone }) => gone));
  });

  it('ends what it does not hold', async () => {
    const key = node.hold('pods', podObject());
    await untilPhase('Running');
    node.release(key);
    await until(() => machine.containers.size + machine.sandboxes.size === 0);
    await quiet();
    await until(keepsNothing);
  });

  it('tells a pod from its successor of the same name', async () => {
    node.hold('pods', podObject({ uid: 'first' }));
    await untilPhase('Running');
    await quiet();
    node.hold('pods', podObject({ uid: 'second' }));
    await until(() =>
      node.podReports().some(({ uid, status }) => uid === 'second' && status.phase === 'Running'),
    );
    await until(() => machine.containers.size === 1 && machine.sandboxes.size === 1);
    expect(machine.find('main')?.spec.mark.pod.uid).toBe('second');
  });

  it('adopts what runs when the agent starts again, and reports nothing new', async () => {
    node.hold('pods', podObject());
    await untilPhase('Running');
    node.echo(podObject());
    await quiet();
    await node.stopAgent();
    const [told] = [node.reports.length, asked()];
    node.startAgent();
    await quiet();
    expect(asked()).toEqual([]);
    expect(node.reports).toHaveLength(told);
  });

  it('ends what it no longer holds when it starts again', async () => {
    const key = node.hold('pods', podObject());
    await untilPhase('Running');
    await node.stopAgent();
    node.release(key);
    node.startAgent();
    await until(() => machine.containers.size + machine.sandboxes.size === 0);
    await until(() => machine.asked.includes('remove sandbox 0'));
    await quiet();
    await until(keepsNothing);
  });

  it('ends nothing while what is held may be incomplete', async () => {
    node.hold('pods', podObject());
    await untilPhase('Running');
    await node.stopAgent();
    let complete = (): void => undefined;
    const later = await startNode(new Promise<void>((resolve) => (complete = resolve)));
    await quiet();
    expect(machine.find('main')).toBeDefined();
    complete();
    await until(() => machine.containers.size === 0);
    await later[Symbol.asyncDispose]();
  });

  it('brings the same pod back after the machine was off, and goes on counting', async () => {
    node.hold('pods', podObject());
    await untilPhase('Running');
    await quiet();
    await node.stopAgent();
    machine.reboot();
    node.startAgent();
    await until(() => node.status()?.containerStatuses?.[0]?.restartCount === 1);
    expect(node.status()?.phase).toBe('Running');
  });

  it('goes on counting when a power cut leaves neither containers nor files that nobody synced', async () => {
    node.hold('pods', podObject());
    await untilPhase('Running');
    await quiet();
    await node.stopAgent();
    machine.containers.clear();
    machine.sandboxes.clear();
    await rm(node.podsDir, { recursive: true });
    node.startAgent();
    await until(() => machine.find('main')?.spec.mark.attempt === 1);
    await until(() => node.status()?.containerStatuses?.[0]?.restartCount === 1);
    expect(node.status()?.containerStatuses?.[0]?.lastState.terminated).toMatchObject({
      reason: 'ContainerStatusUnknown',
      exitCode: 137,
    });
  });

  it('goes on counting from what the API server has when its own record is gone, too', async () => {
    const pod = podObject();
    node.hold('pods', pod);
    await untilPhase('Running');
    await quiet();
    node.echo(pod);
    await node.stopAgent();
    machine.containers.clear();
    machine.sandboxes.clear();
    await new PodRecords(node.store).forget(uid('uid-of-web'));
    node.startAgent();
    await until(() => node.status()?.containerStatuses?.[0]?.restartCount === 1);
    expect(node.status()?.containerStatuses?.[0]?.lastState.terminated?.reason).toBe(
      'ContainerStatusUnknown',
    );
  });

  it('does not run again what has run to its end', async () => {
    const containers = [{ name: 'main', image: 'busybox:1', command: ['exits', '0'] }];
    node.hold('pods', podObject({ restartPolicy: 'OnFailure', containers }));
    await untilPhase('Succeeded');
    await until(() => machine.sandboxes.size === 0);
    expect(machine.containers.size).toBe(1);
    await node.stopAgent();
    machine.containers.clear();
    asked();
    node.startAgent();
    await quiet();
    expect(asked()).toEqual([]);
    expect(node.status()?.phase).toBe('Succeeded');
  });

  it('waits for a ConfigMap, says which, and runs when it comes', async () => {
    const env = [{ name: 'MODE', valueFrom: { configMapKeyRef: { name: 'site', key: 'mode' } } }];
    const containers = [{ name: 'main', image: 'busybox:1', env }];
    node.hold('pods', podObject({ containers }));
    await until(() => 'waiting' in (state() ?? {}));
    await until(() => node.events().includes('Failed: Error: configmap "site" not found'));
    expect(state()).toEqual({
      waiting: { reason: 'CreateContainerConfigError', message: 'configmap "site" not found' },
    });
    node.hold('configmaps', configMap('site', { mode: 'calm' }));
    await untilPhase('Running');
    expect(machine.find('main')?.spec.env).toEqual([{ name: 'MODE', value: 'calm' }]);
  });

  it('shows a changed ConfigMap in the files of a pod that runs', async () => {
    node.hold('configmaps', configMap('site', { mode: 'calm' }));
    const volumeMounts = [{ name: 'site', mountPath: '/site' }];
    node.hold(
      'pods',
      podObject({
        volumes: [{ name: 'site', configMap: { name: 'site' } }],
        containers: [{ name: 'main', image: 'busybox:1', volumeMounts }],
      }),
    );
    await untilPhase('Running');
    const [mount] = machine.find('main')!.spec.mounts;
    expect(mount).toMatchObject({ containerPath: '/site', readOnly: true });
    const mode = (): Promise<string> => readFile(join(mount!.hostPath, 'mode'), 'utf8');
    expect(await mode()).toBe('calm');
    node.hold('configmaps', configMap('site', { mode: 'storm' }));
    await until(async () => (await mode()) === 'storm');
  });

  it('says which volume cannot be made', async () => {
    const volumes = [{ name: 'key', secret: { secretName: 'none' } }];
    node.hold('pods', podObject({ volumes }));
    const event =
      'FailedMount: MountVolume.SetUp failed for volume "key" : secret "none" not found';
    await until(() => node.events().includes(event));
    expect(state()).toEqual({ waiting: { reason: 'ContainerCreating' } });
  });

  it('replaces a container in place when its image changes', async () => {
    node.hold('pods', podObject());
    await untilPhase('Running');
    await quiet();
    asked();
    node.hold('pods', podObject({ containers: [{ name: 'main', image: 'busybox:2' }] }));
    await until(() => machine.find('main')?.spec.imageId === 'sha256:2');
    await until(() => node.status()?.containerStatuses?.[0]?.restartCount === 1);
    expect(asked()).toEqual([
      'image busybox:2',
      'stop main.0 30s',
      'create main.1',
      'start main.1',
    ]);
    expect(machine.sandboxes.size).toBe(1);
  });

  it('tells of an image that cannot be had, and tries again', async () => {
    node.hold('pods', podObject({ containers: [{ name: 'main', image: 'busybox:3' }] }));
    await until(() => 'waiting' in (state() ?? {}) && said().includes('ErrImagePull'));
    await clock.advance(2 * second);
    await until(() => said().includes('ImagePullBackOff'));
    machine.registry.set('busybox:3', 'sha256:3');
    await clock.advance(8 * second);
    await untilPhase('Running');
    expect(node.events()).toContain('BackOff: Back-off pulling image "busybox:3"');
  });

  it('tells of a program that is not there, and backs off', async () => {
    const containers = [{ name: 'main', image: 'busybox:1', command: ['nonsense'] }];
    node.hold('pods', podObject({ containers }));
    await until(() => said().includes('RunContainerError'));
    expect(state()).toMatchObject({ waiting: { message: 'exec: nonsense' } });
    expect(machine.find('main')?.spec.mark.attempt).toBe(0);
    await clock.advance(10 * second);
    await until(() => machine.find('main')?.spec.mark.attempt === 1);
  });

  it('says that there is no runtime, and runs the pod when there is one', async () => {
    await node.stopAgent();
    machine.outage = 'no container engine at unix:///var/run/docker.sock';
    node.startAgent();
    node.hold('pods', podObject());
    await until(() => said().includes('ContainerRuntimeUnavailable'));
    expect(node.status()?.phase).toBe('Pending');
    expect(said()).toContain('/var/run/docker.sock');
    expect(said()).toContain('runtimeClassName: process');
    machine.outage = undefined;
    await clock.advance(10 * second);
    await untilPhase('Running');
  });

  it('says nothing false of pods that run while the runtime does not answer', async () => {
    node.hold('pods', podObject());
    await untilPhase('Running');
    node.echo(podObject());
    await quiet();
    await node.stopAgent();
    const told = node.podReports().length;
    machine.outage = 'hung';
    node.startAgent();
    await quiet();
    await clock.advance(minute);
    await quiet();
    expect(node.podReports()).toHaveLength(told);
    machine.outage = undefined;
    await clock.advance(10 * second);
    await quiet();
    expect(node.podReports()).toHaveLength(told);
  });

  it('lets a pod that never ran go although there is no runtime', async () => {
    await node.stopAgent();
    machine.outage = 'none';
    node.startAgent();
    node.hold('pods', deleted(podObject(), 30));
    await until(() => node.podReports().some(({ gone }) => gone));
  });

  it('takes a lost record for a new one', async () => {
    node.hold('pods', podObject());
    await untilPhase('Running');
    await quiet();
    await node.stopAgent();
    await new PodRecords(node.store).forget(uid('uid-of-web'));
    asked();
    node.startAgent();
    await quiet();
    expect(asked()).toEqual([]);
  });
});

function configMap(name: string, data: Record<string, string>): object {
  return { metadata: { name, namespace: 'default', uid: `uid-of-${name}` }, data };
}
