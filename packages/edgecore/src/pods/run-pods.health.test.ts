import { writeFile } from 'node:fs/promises';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeMachine, FakeRuntime } from '../runtime/testing/fake-runtime.ts';
import type { Container, ContainerStatus, PodObject } from './pod.ts';
import { PodNode, podObject } from './testing/pod-node.ts';

const second = 1000;

describe('runPods looks after containers', () => {
  let clock: ManualClock;
  let machine: FakeMachine;
  let node: PodNode;

  beforeEach(async () => {
    clock = new ManualClock();
    machine = new FakeMachine(clock);
    machine.images.set('busybox:1', 'sha256:1');
    const open = (): Promise<FakeRuntime> => Promise.resolve(new FakeRuntime(machine));
    node = await PodNode.start({ clock, open });
  });
  afterEach(() => node[Symbol.asyncDispose]());

  /** File system calls take real time: goes on until `is`, moving no clock. */
  const until = async (is: () => boolean): Promise<void> => {
    while (!is()) await clock.advance(0);
  };
  const answer = (command: string, exitCode: number, output = ''): void =>
    void machine.answers.set(command, () => ({ do: 'ended', exitCode, output }));
  const exec = (...command: string[]): { exec: { command: string[] } } => ({ exec: { command } });
  const pod = (main: Partial<Container>, more: Parameters<typeof podObject>[0] = {}): PodObject =>
    podObject({ containers: [{ name: 'main', image: 'busybox:1', ...main }], ...more });
  const main = (): ContainerStatus | undefined => node.status()?.containerStatuses?.[0];
  const deleted = (object: PodObject, graceSeconds: number): PodObject => ({
    ...object,
    metadata: {
      ...object.metadata,
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: graceSeconds,
    },
  });

  it('ends one that is dead, says so, and runs it again', async () => {
    answer('alive', 0);
    node.hold('pods', pod({ livenessProbe: { ...exec('alive'), failureThreshold: 2 } }));
    await until(() => main()?.ready === true);
    answer('alive', 1, 'no pulse');
    await until(() => machine.asked.includes('exec main.0 alive'));
    for (let tick = 0; tick < 2; tick++) await clock.advance(10 * second);
    await until(() => main()?.restartCount === 1 && main()?.state.running !== undefined);
    const events = node.events();
    expect(events).toContain('Unhealthy: Liveness probe failed: no pulse');
    expect(events).toContain('Killing: Container main failed liveness probe, will be restarted');
    expect(machine.asked).toContain('stop main.0 30s');
    expect(main()?.lastState.terminated?.exitCode).toBe(5);
  });

  it('says that one is ready when it is, and when it is not any more', async () => {
    answer('serves', 1);
    node.hold('pods', pod({ readinessProbe: { ...exec('serves'), failureThreshold: 1 } }));
    await until(() => main()?.state.running !== undefined);
    expect(main()?.ready).toBe(false);
    answer('serves', 0);
    await clock.advance(10 * second);
    await until(() => main()?.ready === true);
    answer('serves', 1);
    await clock.advance(10 * second);
    await until(() => main()?.ready === false);
    expect(main()?.restartCount).toBe(0);
  });

  it('does not take a pod for unready because its agent is new', async () => {
    answer('serves', 0);
    node.hold('pods', pod({ readinessProbe: exec('serves') }));
    await until(() => main()?.ready === true);
    const told = node.podReports().length;
    await node.stopAgent();
    node.startAgent();
    const before = machine.asked.length;
    await until(() => machine.asked.slice(before).includes('exec main.0 serves'));
    await clock.advance(0);
    const since = node.podReports().slice(told);
    expect(since.filter(({ status }) => !status.containerStatuses?.[0]?.ready)).toEqual([]);
  });

  it('ends one that the engine calls unhealthy', async () => {
    node.hold('pods', pod({}));
    await until(() => main()?.ready === true);
    machine.turnHealth(machine.find('main')!.id, 'unhealthy');
    await until(() => main()?.restartCount === 1);
    expect(node.events()).toContain(
      'Killing: Container main failed the health check of its image, will be restarted',
    );
  });

  it('runs the postStart hook before it says that a container runs', async () => {
    let finish = (): void => undefined;
    machine.answers.set(
      'warm up',
      () =>
        new Promise((resolve) => {
          finish = (): void => resolve({ do: 'ended', exitCode: 0, output: '' });
        }),
    );
    node.hold('pods', pod({ lifecycle: { postStart: exec('warm', 'up') } }));
    await until(() => machine.asked.includes('exec main.0 warm up'));
    await clock.advance(5 * second);
    expect(main()?.state.waiting?.reason).toBe('ContainerCreating');
    finish();
    await until(() => main()?.ready === true);
  });

  it('ends a container whose postStart hook fails', async () => {
    answer('warm up', 7, 'cold');
    node.hold('pods', pod({ lifecycle: { postStart: exec('warm', 'up') } }));
    await until(() => main()?.lastState.terminated !== undefined);
    const failure = node.events().find((event) => event.startsWith('FailedPostStartHook'));
    expect(failure).toContain('command exited with 7, message: "cold"');
    expect(node.events()).toContain('Killing: FailedPostStartHook');
  });

  it('runs a postStart hook again that the agent did not see through', async () => {
    machine.answers.set('warm up', () => new Promise(() => undefined));
    node.hold('pods', pod({ lifecycle: { postStart: exec('warm', 'up') } }));
    await until(() => machine.asked.includes('exec main.0 warm up'));
    await node.stopAgent();
    answer('warm up', 0);
    node.startAgent();
    await until(() => main()?.ready === true);
    expect(machine.asked.filter((step) => step === 'exec main.0 warm up')).toHaveLength(2);
    expect(main()?.restartCount).toBe(0);
  });

  it('runs the preStop hook before it asks a container to end, and counts its time', async () => {
    const lifecycle = { preStop: { sleep: { seconds: 8 } } };
    const object = pod({ lifecycle, command: ['untilKilled'] });
    node.hold('pods', object);
    await until(() => main()?.ready === true);
    node.hold('pods', deleted(object, 20));
    await until(() => node.events().includes('Killing: Stopping container main'));
    await clock.advance(7 * second);
    expect(machine.asked.some((step) => step.startsWith('stop'))).toBe(false);
    await clock.advance(1 * second);
    await until(() => machine.asked.includes('stop main.0 12s'));
    await clock.advance(12 * second);
    await until(() => node.podReports().some(({ gone }) => gone));
  });

  it('waits for a preStop hook no longer than the grace', async () => {
    machine.answers.set('drain', () => new Promise(() => undefined));
    const object = pod({ lifecycle: { preStop: exec('drain') } });
    node.hold('pods', object);
    await until(() => main()?.ready === true);
    node.hold('pods', deleted(object, 6));
    await until(() => machine.asked.includes('exec main.0 drain'));
    await clock.advance(6 * second);
    await until(() => machine.asked.includes('stop main.0 2s'));
    expect(machine.asked.filter((step) => step.includes('drain'))).toHaveLength(1);
  });

  it('runs no preStop hook of a pod that is deleted without grace', async () => {
    const object = pod({ lifecycle: { preStop: exec('drain') } });
    node.hold('pods', object);
    await until(() => main()?.ready === true);
    node.hold('pods', deleted(object, 0));
    await until(() => node.podReports().some(({ gone }) => gone));
    expect(machine.asked).toContain('stop main.0 0s');
    expect(machine.asked.some((step) => step.includes('drain'))).toBe(false);
  });

  it('fails a pod that takes longer than it may', async () => {
    node.hold('pods', pod({}, { activeDeadlineSeconds: 60 }));
    await until(() => main()?.ready === true);
    await clock.advance(60 * second);
    await until(() => node.status()?.phase === 'Failed');
    expect(node.status()?.reason).toBe('DeadlineExceeded');
    await until(() => machine.asked.includes('stop main.0 30s'));
  });

  it('tells what a container said about its end', async () => {
    node.hold('pods', pod({}, { restartPolicy: 'Never' }));
    await until(() => main()?.ready === true);
    const { id, spec } = machine.find('main')!;
    expect(spec.lastWords?.containerPath).toBe('/dev/termination-log');
    await writeFile(spec.lastWords!.hostPath, 'the disk was full');
    machine.exit(id, 3);
    await until(() => node.status()?.phase === 'Failed');
    expect(main()?.state.terminated).toMatchObject({ exitCode: 3, message: 'the disk was full' });
  });

  it('takes the end of the log for the last words of one that failed, if it should', async () => {
    const policy = { terminationMessagePolicy: 'FallbackToLogsOnError' } as const;
    node.hold('pods', pod(policy, { restartPolicy: 'Never' }));
    await until(() => main()?.ready === true);
    machine.exit(machine.find('main')!.id, 3);
    await until(() => node.status()?.phase === 'Failed');
    expect(main()?.state.terminated?.message).toBe('ready\n');
  });
});
