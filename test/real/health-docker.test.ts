import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { LifecycleHandler } from '../../packages/edgecore/src/pods/handlers.ts';
import type { Container, ContainerStatus } from '../../packages/edgecore/src/pods/pod.ts';
import { useDockerPods } from '../support/docker-pods.ts';
import { startGrpcHealthServer } from '../support/grpc-health-server.ts';

const pods = useDockerPods({ address: '127.0.0.1' });
/** An engine that others keep busy may take long for a command: only what it answers counts. */
const patient = { periodSeconds: 1, timeoutSeconds: 60 } as const;
const quick = { ...patient, failureThreshold: 1 } as const;
/** Serves what is in /tmp, once there is a file of that name. */
const server = 'exec httpd -f -p 8080 -h /tmp';

describe('probes on a Docker engine', () => {
  it('tell by HTTP at a named port when a pod is ready, and when it is not any more', async () => {
    const readinessProbe = { ...quick, httpGet: { port: 'http', path: '/ready' } };
    const ports = [{ name: 'http', containerPort: 8080 }];
    pods.hold({ containers: [pods.sh(server, { readinessProbe, ports })] });
    await pods.until(({ state }) => state.running !== undefined);
    await pods.until(({ ready }) => !ready);
    await pods.within('touch /tmp/ready');
    const { started } = await pods.until(({ ready }) => ready);
    expect(started).toBe(true);
    pods.node.reports.splice(0);
    await pods.within('rm /tmp/ready');
    const { restartCount } = await pods.until(({ ready }) => !ready);
    expect(restartCount).toBe(0);
    expect(pods.node.events()).toContain(
      'Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 404',
    );
  });

  it('restart by a command what is dead, within the grace of the probe', async () => {
    const exec = { command: ['cat', '/tmp/alive'] };
    const livenessProbe = { ...quick, exec, terminationGracePeriodSeconds: 1 };
    const startupProbe = { ...quick, exec, failureThreshold: 600 };
    const script = 'trap "" TERM; touch /tmp/alive; while :; do sleep 0.1; done';
    const main = pods.sh(script, { livenessProbe, startupProbe });
    pods.hold({ containers: [main], terminationGracePeriodSeconds: 600 });
    await pods.until(({ ready }) => ready);
    await pods.within('rm /tmp/alive');
    const { lastState } = await pods.until(({ restartCount, ready }) => restartCount > 0 && ready);
    expect(lastState.terminated?.exitCode).toBe(137);
    const events = pods.node.events();
    expect(events).toContain(
      "Unhealthy: Liveness probe failed: cat: can't open '/tmp/alive': No such file or directory\n",
    );
    expect(events).toContain('Killing: Container main failed liveness probe, will be restarted');
  });

  it('hold liveness and readiness back until a startup probe by TCP has succeeded', async () => {
    const main = pods.sh(`until [ -e /tmp/go ]; do sleep 0.1; done; ${server}`, {
      startupProbe: { ...patient, tcpSocket: { port: 8080 }, failureThreshold: 600 },
      livenessProbe: { ...quick, exec: { command: ['test', '-e', '/tmp/go'] } },
    });
    pods.hold({ containers: [main] });
    await pods.until(({ state, started }) => state.running !== undefined && !started);
    await pods.until(() =>
      pods.node.events().some((event) => event.startsWith('Unhealthy: Startup probe failed')),
    );
    await pods.within('touch /tmp/go');
    const { restartCount } = await pods.until(({ started, ready }) => started && ready);
    expect(restartCount).toBe(0);
  });

  it('ask by gRPC', async () => {
    let status = 2;
    await using health = await startGrpcHealthServer((service) => (service === 'db' ? status : 0));
    const readinessProbe = { ...quick, grpc: { port: health.port, service: 'db' } };
    pods.hold({ hostNetwork: true, containers: [pods.sh('exec sleep 1000', { readinessProbe })] });
    await pods.until(() =>
      pods.node
        .events()
        .includes(
          'Unhealthy: Readiness probe failed: service unhealthy (responded with "NOT_SERVING")',
        ),
    );
    status = 1;
    await pods.until(({ ready }) => ready);
  });

  it('restart what the health check of an image calls unhealthy', async () => {
    const [repo = '', tag = ''] = pods.image.split(':');
    const image = `${repo}:${tag}-checked`;
    await withHealthCheck(image, 'test ! -e /tmp/ill');
    pods.hold({ containers: [pods.sh('exec sleep 1000', { image, imagePullPolicy: 'Never' })] });
    await pods.until(({ ready }) => ready);
    await pods.within('touch /tmp/ill');
    await pods.until(({ restartCount, ready }) => restartCount === 1 && ready);
    expect(pods.node.events()).toContain(
      'Killing: Container main failed the health check of its image, will be restarted',
    );
  });
});

describe('lifecycle hooks on a Docker engine', () => {
  const inside = (word: string): LifecycleHandler => {
    const script = `until [ -e /tmp/up ]; do sleep 0.1; done; echo ${word} >> /tmp/order`;
    return { exec: { command: ['sh', '-c', script] } };
  };

  it('run after the start and before the end, in and out of the container', async () => {
    const main = pods.sh(
      `trap 'cat /tmp/order > /dev/termination-log; exit 0' TERM; touch /tmp/up; sleep 1000 & wait`,
      { lifecycle: { postStart: inside('started'), preStop: inside('stopping') } },
    );
    const pod = pods.hold({ containers: [main] });
    await pods.until(({ ready }) => ready);
    pods.delete(pod, 60);
    const { status } = await pods.node.until(({ gone }) => gone);
    expect(status.containerStatuses?.[0]?.state.terminated).toMatchObject({
      exitCode: 0,
      message: 'started\nstopping\n',
    });
  });

  it('end the container when postStart fails', async () => {
    const lifecycle = { postStart: { httpGet: { port: 9, host: '127.0.0.1' } } };
    pods.hold({ containers: [pods.sh('exec sleep 1000', { lifecycle })] });
    await pods.until(({ lastState }) => lastState.terminated !== undefined);
    const events = pods.node.events().join('\n');
    expect(events).toContain('FailedPostStartHook: PostStartHook failed: HTTP lifecycle hook (/)');
    expect(events).toContain('Killing: FailedPostStartHook');
  });
});

describe('the end of a container on a Docker engine', () => {
  const ended = async (main: Container): Promise<string | undefined> => {
    pods.hold({ restartPolicy: 'Never', containers: [main] });
    const { state } = await pods.until((status) => status.state.terminated !== undefined);
    return state.terminated?.message;
  };

  it('is explained by what it wrote for that, or by the end of its log', async () => {
    const terminationMessagePath = '/tmp/why';
    expect(await ended(pods.sh('echo full > /tmp/why; exit 1', { terminationMessagePath }))).toBe(
      'full\n',
    );
  });

  it('is explained by its log when it says nothing else', async () => {
    const terminationMessagePolicy = 'FallbackToLogsOnError';
    expect(await ended(pods.sh('echo broken; exit 1', { terminationMessagePolicy }))).toBe(
      'broken\n',
    );
  });

  it('comes when a pod has taken longer than it may', async () => {
    pods.hold({ activeDeadlineSeconds: 2, containers: [pods.sh('exec sleep 1000')] });
    const hasEnded = ({ state }: ContainerStatus): boolean => state.running === undefined;
    const { status } = await pods.node.until(
      (report) =>
        report.status.phase === 'Failed' && report.status.containerStatuses!.every(hasEnded),
    );
    expect(status.reason).toBe('DeadlineExceeded');
  });
});

describe('sidecars on a Docker engine', () => {
  it('start before the app, and end after it in the opposite order', async () => {
    const path = await mkdtemp(join(tmpdir(), 'sidecars-'));
    const mounts = { volumeMounts: [{ name: 'run', mountPath: '/run' }] };
    const sidecar = (name: string, more: Partial<Container> = {}): Container =>
      pods.sh(
        `trap 'echo end of ${name} >> /run/order; exit 0' TERM; echo ${name} >> /run/order; sleep 1000 & wait`,
        { ...mounts, name, restartPolicy: 'Always', ...more },
      );
    const exec = { command: ['cat', '/run/order'] };
    const startupProbe = { ...patient, exec, failureThreshold: 600 };
    pods.hold({
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 60,
      volumes: [{ name: 'run', hostPath: { path } }],
      initContainers: [sidecar('one', { startupProbe }), sidecar('two')],
      containers: [
        pods.sh('until grep two /run/order; do sleep 0.1; done; echo app >> /run/order', mounts),
      ],
    });
    await pods.node.until(({ status }) => status.phase === 'Succeeded');
    await pods.until(({ state }) => state.terminated !== undefined, 'one');
    const order = await readFile(join(path, 'order'), 'utf8');
    expect(order.trim().split('\n')).toEqual(['one', 'two', 'app', 'end of two', 'end of one']);
    await rm(path, { recursive: true });
  });
});

/** Gives the busybox image a HEALTHCHECK, under another name. */
async function withHealthCheck(image: string, script: string): Promise<void> {
  const docker = async (...words: string[]): Promise<string> => {
    const engine = ['-H', `unix://${pods.engine.socketPath}`];
    return (await promisify(execFile)('docker', [...engine, ...words])).stdout.trim();
  };
  const check = ['--health-cmd', script, '--health-interval', '300ms', '--health-retries', '1'];
  const id = await docker('create', ...check, pods.image, 'true');
  await docker('commit', id, image);
  await docker('rm', id);
  pods.engine.images.add(image);
}
