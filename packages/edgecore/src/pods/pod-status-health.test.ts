import { describe, expect, it } from 'vitest';
import type { Container, ContainerStatus, PodCondition, PodStatus } from './pod.ts';
import { podStatus, type PodStatusScene } from './pod-status.ts';
import { NOW, SceneBuilder } from './testing/scenes.ts';

const tcp = { tcpSocket: { port: 80 } };

const statusOf = (scene: SceneBuilder, more: Partial<PodStatusScene> = {}): PodStatus =>
  podStatus({
    ...scene.build(),
    object: scene.object,
    startTime: NOW,
    hostIp: '192.0.2.7',
    runtimeName: 'docker',
    isDeleted: false,
    isEnding: false,
    unsupported: [],
    ...more,
  });
const first = ({ initContainerStatuses, containerStatuses }: PodStatus): ContainerStatus =>
  (initContainerStatuses ?? containerStatuses)![0]!;
const condition = ({ conditions }: PodStatus, type: string): PodCondition | undefined =>
  conditions?.find((one) => one.type === type);
const main = (more: Partial<Container>): SceneBuilder =>
  new SceneBuilder({ containers: [{ name: 'main', image: 'busybox:1', ...more }] })
    .sandbox()
    .running();

describe('podStatus of a pod with probes', () => {
  it('is ready when its readiness probe says so', () => {
    const scene = main({ readinessProbe: tcp });
    expect(first(statusOf(scene))).toMatchObject({ ready: false, started: true });
    expect(condition(statusOf(scene), 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ContainersNotReady',
      message: 'containers with unready status: [main]',
    });
    scene.probed('main', 'readiness', 'success');
    expect(first(statusOf(scene)).ready).toBe(true);
    expect(condition(statusOf(scene), 'Ready')?.status).toBe('True');
    scene.probed('main', 'readiness', 'failure');
    expect(first(statusOf(scene)).ready).toBe(false);
  });

  it('has started when its startup probe says so, and is not ready before', () => {
    const scene = main({ startupProbe: tcp });
    expect(first(statusOf(scene))).toMatchObject({ ready: false, started: false });
    scene.probed('main', 'startup', 'success');
    expect(first(statusOf(scene))).toMatchObject({ ready: true, started: true });
  });

  it('is initialized when its sidecars have started', () => {
    const init = [
      { name: 'proxy', image: 'p', restartPolicy: 'Always', startupProbe: tcp },
    ] as const;
    const scene = new SceneBuilder({ init }).sandbox().running('proxy');
    expect(condition(statusOf(scene), 'Initialized')?.status).toBe('False');
    scene.probed('proxy', 'startup', 'success');
    expect(condition(statusOf(scene), 'Initialized')?.status).toBe('True');
  });

  it('waits while the postStart hook runs, and says why it failed', () => {
    const scene = main({ lifecycle: { postStart: { sleep: { seconds: 1 } } } });
    expect(first(statusOf(scene))).toMatchObject({
      state: { waiting: { reason: 'ContainerCreating' } },
      ready: false,
      started: false,
    });
    expect(statusOf(scene).phase).toBe('Pending');
    scene.postStart('main', { phase: 'failed', message: 'no' });
    expect(first(statusOf(scene)).state).toEqual({
      waiting: { reason: 'PostStartHookError', message: 'no' },
    });
    scene.postStart('main', { phase: 'done' });
    expect(first(statusOf(scene)).state.running).toBeDefined();
  });

  it('knows of a container that ran before the agent did what was reported of it', () => {
    const scene = main({ readinessProbe: tcp, startupProbe: tcp });
    scene.probed('main', 'startup', 'success').probed('main', 'readiness', 'success');
    const next = main({ readinessProbe: tcp, startupProbe: tcp });
    next.progress.adopt(statusOf(scene));
    expect(first(statusOf(next))).toMatchObject({ ready: true, started: true });
  });
});

describe('readiness gates', () => {
  const gated = (conditions: readonly PodCondition[]): PodCondition | undefined => {
    const spec = { readinessGates: [{ conditionType: 'example.com/served' }] };
    const scene = new SceneBuilder({ spec }).sandbox().running();
    const object = { ...scene.object, status: { conditions } };
    const status = statusOf(scene, { object });
    expect(condition(status, 'ContainersReady')?.status).toBe('True');
    return condition(status, 'Ready');
  };

  it('keep a pod from being ready until others have opened them', () => {
    expect(gated([])).toMatchObject({
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: 'corresponding condition of pod readiness gate "example.com/served" does not exist.',
    });
    expect(gated([{ type: 'example.com/served', status: 'False' }])?.message).toBe(
      'the status of pod readiness gate "example.com/served" is not "True", but False',
    );
    expect(gated([{ type: 'example.com/served', status: 'True' }])).toMatchObject({
      status: 'True',
    });
  });
});

describe('what a node does not do', () => {
  it('is a condition of the pod', () => {
    const status = statusOf(main({}), { unsupported: ['spec.hostUsers', 'spec.resources'] });
    expect(condition(status, 'edge.skerry.io/UnsupportedFields')).toMatchObject({
      status: 'True',
      message: 'This node does not apply spec.hostUsers, spec.resources',
    });
    expect(condition(statusOf(main({})), 'edge.skerry.io/UnsupportedFields')).toBeUndefined();
  });
});
