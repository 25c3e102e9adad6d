import { describe, expect, it } from 'vitest';
import { goDuration } from './container-status.ts';
import type { PodStatus } from './pod.ts';
import { isContradicted, podStatus, type PodStatusScene } from './pod-status.ts';
import { statusEvents } from './status-events.ts';
import { NOW, SceneBuilder } from './testing/scenes.ts';

const statusOf = (scene: SceneBuilder, more: Partial<PodStatusScene> = {}): PodStatus =>
  podStatus({
    ...scene.build(),
    object: scene.object,
    startTime: NOW - 60_000,
    hostIp: '192.0.2.7',
    runtimeName: 'docker',
    isDeleted: false,
    isEnding: false,
    unsupported: [],
    ...more,
  });

/** `main: running` or `main: waiting CrashLoopBackOff`, with restarts. */
const told = ({
  phase,
  initContainerStatuses = [],
  containerStatuses = [],
}: PodStatus): string[] => [
  String(phase),
  ...[...initContainerStatuses, ...containerStatuses].map(({ name, state, restartCount }) => {
    const [[kind, inner] = ['nothing', {}]] = Object.entries(state) as [
      string,
      { reason?: string },
    ][];
    return [name, kind, inner.reason, `x${restartCount}`].filter(Boolean).join(' ');
  }),
];

const conditions = (status: PodStatus): string[] =>
  (status.conditions ?? []).map(
    ({ type, status: is, reason }) => `${type} ${is}${reason === undefined ? '' : ` ${reason}`}`,
  );

const main = { name: 'main', image: 'busybox:1' };

describe('podStatus', () => {
  it('tells of a pod that runs all that a kubelet tells', () => {
    const status = statusOf(new SceneBuilder().sandbox().running());
    expect(status).toMatchObject({
      observedGeneration: 1,
      phase: 'Running',
      hostIP: '192.0.2.7',
      hostIPs: [{ ip: '192.0.2.7' }],
      podIP: '10.88.0.2',
      podIPs: [{ ip: '10.88.0.2' }],
      startTime: '2026-06-01T11:59:00Z',
      qosClass: 'BestEffort',
    });
    expect(status.containerStatuses).toEqual([
      {
        name: 'main',
        image: 'busybox:1',
        imageID: 'sha256:1',
        containerID: 'docker://main.0',
        ready: true,
        started: true,
        restartCount: 0,
        state: { running: { startedAt: '2026-06-01T11:59:00Z' } },
        lastState: {},
      },
    ]);
    expect(conditions(status)).toEqual([
      'PodReadyToStartContainers True',
      'Initialized True',
      'Ready True',
      'ContainersReady True',
      'PodScheduled True',
    ]);
  });

  it('tells of a pod that has only begun', () => {
    const status = statusOf(new SceneBuilder());
    expect(told(status)).toEqual(['Pending', 'main waiting ContainerCreating x0']);
    expect(conditions(status)).toContain('Ready False ContainersNotReady');
    expect(conditions(status)).toContain('PodReadyToStartContainers False');
  });

  it('tells of back-off with the kubelet’s sentence', () => {
    const crashed = new SceneBuilder().sandbox().exited('main', 3, { attempt: 2, streak: 3 });
    const status = statusOf(crashed);
    expect(told(status)).toEqual(['Running', 'main waiting CrashLoopBackOff x2']);
    const [main0] = status.containerStatuses ?? [];
    expect(main0?.state.waiting?.message).toBe(
      'back-off 40s restarting failed container=main pod=web_default(uid-of-web)',
    );
    expect(main0?.lastState.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
  });

  it('says why a container waits', () => {
    const waits = (scene: SceneBuilder, more: Partial<PodStatusScene> = {}): unknown =>
      statusOf(scene, more).containerStatuses?.[0]?.state.waiting;
    const pod = (): SceneBuilder => new SceneBuilder().sandbox();
    expect(waits(pod().unfit('main', 'secret "x" not found'))).toEqual({
      reason: 'CreateContainerConfigError',
      message: 'secret "x" not found',
    });
    expect(waits(pod().imageFailed('main', 1))).toEqual({
      reason: 'ErrImagePull',
      message: 'not found',
    });
    expect(waits(pod().imageFailed('main', 3))).toEqual({
      reason: 'ImagePullBackOff',
      message: 'Back-off pulling image "busybox:1": ErrImagePull: not found',
    });
    expect(waits(pod().faulty('main', 'CreateContainerError', 1))).toMatchObject({
      reason: 'CreateContainerError',
    });
    expect(
      waits(new SceneBuilder(), {
        unavailable: { reason: 'ContainerRuntimeUnavailable', message: 'no engine' },
      }),
    ).toEqual({
      reason: 'ContainerRuntimeUnavailable',
      message: 'no engine',
    });
  });

  it.each([
    ['Always', 0, 'Running'],
    ['OnFailure', 0, 'Succeeded'],
    ['OnFailure', 1, 'Running'],
    ['Never', 0, 'Succeeded'],
    ['Never', 1, 'Failed'],
  ] as const)('makes of policy %s and exit code %i the phase %s', (restartPolicy, code, phase) => {
    const scene = new SceneBuilder({ restartPolicy }).sandbox().exited('main', code);
    expect(statusOf(scene).phase).toBe(phase);
  });

  it('is Running as long as one container runs, and Pending while one has not yet run', () => {
    const containers = [main, { name: 'side', image: 'busybox:1' }];
    const pod = (): SceneBuilder =>
      new SceneBuilder({ restartPolicy: 'Never', containers }).sandbox();
    expect(statusOf(pod().running('main').exited('side', 1)).phase).toBe('Running');
    expect(statusOf(pod().exited('main', 0).exited('side', 1)).phase).toBe('Failed');
    expect(statusOf(pod()).phase).toBe('Pending');
  });

  it('tells of init containers, and why the pod is not initialized', () => {
    const init = [{ name: 'first', image: 'busybox:1' }];
    const pod = (): SceneBuilder => new SceneBuilder({ init }).sandbox();
    const begun = statusOf(pod().running('first'));
    expect(told(begun)).toEqual(['Pending', 'first running x0', 'main waiting PodInitializing x0']);
    expect(conditions(begun)).toContain('Initialized False ContainersNotInitialized');
    expect(begun.conditions?.find(({ type }) => type === 'Initialized')?.message).toBe(
      'containers with incomplete status: [first]',
    );
    const done = statusOf(pod().exited('first', 0).running('main'));
    expect(told(done)).toEqual(['Running', 'first terminated Completed x0', 'main running x0']);
    expect(done.initContainerStatuses?.[0]?.ready).toBe(true);
    const never = new SceneBuilder({ restartPolicy: 'Never', init }).sandbox().exited('first', 1);
    expect(statusOf(never).phase).toBe('Failed');
  });

  it('completes a deleted pod by how its containers ended', () => {
    const deleted = { isDeleted: true, isEnding: true };
    const pod = (): SceneBuilder => new SceneBuilder().sandbox();
    expect(told(statusOf(pod().exited('main', 0), deleted))).toEqual([
      'Succeeded',
      'main terminated Completed x0',
    ]);
    expect(told(statusOf(pod().exited('main', 143), deleted))).toEqual([
      'Failed',
      'main terminated Error x0',
    ]);
    expect(statusOf(pod().running(), deleted).phase).toBe('Running');
  });

  it('never takes back that a pod has run to its end', () => {
    const scene = new SceneBuilder({ restartPolicy: 'Never' });
    expect(statusOf(scene, { reported: { phase: 'Succeeded' } }).phase).toBe('Succeeded');
  });

  it('keeps the time at which a condition last changed', () => {
    const first = statusOf(new SceneBuilder().sandbox());
    const later = { now: NOW + 60_000, reported: first };
    const scene = new SceneBuilder().sandbox().running();
    const second = podStatus({ ...scene.build(), ...sceneOf(scene), ...later });
    const changed = (type: string): unknown =>
      second.conditions?.find((condition) => condition.type === type)?.lastTransitionTime;
    expect(changed('Initialized')).toBe('2026-06-01T12:00:00Z');
    expect(changed('Ready')).toBe('2026-06-01T12:01:00Z');
  });

  it('keeps the address of a pod whose sandbox is gone', () => {
    expect(statusOf(new SceneBuilder(), { reported: { podIP: '10.88.0.9' } }).podIP).toBe(
      '10.88.0.9',
    );
  });
});

const sceneOf = (
  scene: SceneBuilder,
): Omit<PodStatusScene, keyof ReturnType<SceneBuilder['build']>> => ({
  object: scene.object,
  startTime: NOW,
  hostIp: '192.0.2.7',
  unsupported: [],
  runtimeName: 'docker',
  isDeleted: false,
  isEnding: false,
});

describe('isContradicted', () => {
  const running = statusOf(new SceneBuilder().sandbox().running());

  it('hears when somebody else has written the status', () => {
    expect(isContradicted(running, { ...running, phase: 'Failed' })).toBe(true);
    const conditions = (running.conditions ?? []).map((condition) =>
      condition.type === 'Ready' ? { ...condition, status: 'False' as const } : condition,
    );
    expect(isContradicted(running, { ...running, conditions })).toBe(true);
  });

  it('does not mind what a server leaves out or orders otherwise', () => {
    const { phase, conditions = [], containerStatuses } = running;
    const shown = {
      phase: phase!,
      conditions: conditions.toReversed(),
      containerStatuses: containerStatuses!,
    };
    expect(isContradicted(running, shown)).toBe(false);
    expect(isContradicted(running, undefined)).toBe(false);
  });
});

describe('statusEvents', () => {
  const pod = new SceneBuilder().build().shape.pod;
  const crashed = (attempt: number): PodStatus =>
    statusOf(new SceneBuilder().sandbox().exited('main', 1, { attempt, streak: 2 }));

  it('tells of a back-off once for every restart', () => {
    expect(statusEvents(pod, undefined, crashed(2))).toEqual([
      {
        type: 'Warning',
        reason: 'BackOff',
        message: 'Back-off restarting failed container main in pod web_default(uid-of-web)',
        container: 'main',
      },
    ]);
    expect(statusEvents(pod, crashed(2), crashed(2))).toEqual([]);
    expect(statusEvents(pod, crashed(2), crashed(3))).toHaveLength(1);
  });

  it('has nothing to say of what only takes its time', () => {
    expect(statusEvents(pod, undefined, statusOf(new SceneBuilder()))).toEqual([]);
  });
});

describe('goDuration', () => {
  it.each([
    [10_000, '10s'],
    [80_000, '1m20s'],
    [300_000, '5m0s'],
  ])('writes %i ms as %s', (ms, text) => {
    expect(goDuration(ms)).toBe(text);
  });
});
