import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { podKey } from '../../packages/edgecore/src/pods/pod-key.ts';
import type { PodReport } from '../../packages/edgecore/src/pods/testing/pod-node.ts';
import { statusOf, useDockerPods } from '../support/docker-pods.ts';
import { freePorts } from '../support/free-ports.ts';

const { signal } = new AbortController();

describe('pods on a Docker engine', () => {
  const pods = useDockerPods();
  const running = (name?: string): Promise<PodReport> =>
    pods.node.until(({ status }) => status.phase === 'Running' && isReady(status), name);
  const isReady = ({ conditions = [] }: PodReport['status']): boolean =>
    conditions.some(({ type, status }) => type === 'Ready' && status === 'True');

  it('run, and leave nothing behind when they are deleted', async () => {
    const web = pods.hold({ containers: [pods.sh('exec sleep 1000')] });
    const { status } = await running();
    expect(status.podIP).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(status.containerStatuses?.[0]?.containerID).toMatch(/^docker:\/\/[0-9a-f]{64}$/);
    pods.delete(web);
    const gone = await pods.node.until((report) => report.gone);
    expect(gone.status.containerStatuses?.[0]?.state.terminated).toBeDefined();
    expect(await pods.runtime.list(undefined, signal)).toEqual([]);
  });

  it('share one network, one emptyDir and their host name between their containers', async () => {
    const mount = { volumeMounts: [{ name: 'shared', mountPath: '/shared' }] };
    pods.hold({
      volumes: [{ name: 'shared', emptyDir: {} }],
      containers: [
        pods.sh('echo hello > /shared/index.html; exec httpd -f -p 8080 -h /shared', {
          ...mount,
          name: 'server',
        }),
        pods.sh(
          'until wget -q -O - http://127.0.0.1:8080/ 2>/dev/null; do sleep 0.1; done; cat /shared/index.html; hostname; exec sleep 1000',
          mount,
        ),
      ],
    });
    await running();
    const lines = await pods.log((line) => line === 'web');
    expect(lines.slice(-3)).toEqual(['hello', 'hello', 'web']);
  });

  it('see ConfigMaps and Secrets as environment and as files that follow their changes', async () => {
    const config = (mode: string): object => ({
      metadata: { name: 'site', namespace: 'default', uid: 'c' },
      data: { mode },
    });
    const secret = { data: { token: Buffer.from('s3cr3t').toString('base64') } };
    pods.node.hold('configmaps', config('calm'));
    pods.node.hold('secrets', {
      metadata: { name: 'key', namespace: 'default', uid: 's' },
      ...secret,
    });
    const main = pods.sh(
      'echo "$MODE $TOKEN $(stat -c %a -L /key/token)"; was=; while :; do now=$(cat /site/mode); [ "$now" = "$was" ] || echo "$now"; was=$now; sleep 0.05; done',
      {
        env: [
          { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'site', key: 'mode' } } },
          { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'key', key: 'token' } } },
        ],
        volumeMounts: [
          { name: 'site', mountPath: '/site' },
          { name: 'key', mountPath: '/key' },
        ],
      },
    );
    pods.hold({
      volumes: [
        { name: 'site', configMap: { name: 'site' } },
        { name: 'key', secret: { secretName: 'key', defaultMode: 0o400 } },
      ],
      containers: [main],
    });
    await running();
    expect(await pods.log((line) => line === 'calm')).toEqual(['calm s3cr3t 400', 'calm']);
    pods.node.hold('configmaps', config('storm'));
    expect((await pods.log((line) => line === 'storm')).at(-1)).toBe('storm');
  });

  it('mount what the host has, and parts of it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'host-path-'));
    await writeFile(join(directory, 'file'), 'of the host');
    const main = pods.sh('cat /all/file /one; touch /all/x || echo refused; exec sleep 1000', {
      volumeMounts: [
        { name: 'host', mountPath: '/all', readOnly: true },
        { name: 'host', mountPath: '/one', subPath: 'file' },
      ],
    });
    const volumes = [{ name: 'host', hostPath: { path: directory, type: 'Directory' } }];
    pods.hold({ volumes, containers: [main] });
    await running();
    const lines = await pods.log((line) => line.includes('refused'));
    expect(lines.join('')).toContain('of the hostof the host');
    await rm(directory, { recursive: true });
  });

  it('run their init containers first, in order, and end by their policy', async () => {
    const mount = { volumeMounts: [{ name: 'steps', mountPath: '/steps' }] };
    pods.hold({
      restartPolicy: 'Never',
      volumes: [{ name: 'steps', emptyDir: {} }],
      initContainers: [
        pods.sh('echo 1 >> /steps/log', { ...mount, name: 'first' }),
        pods.sh('echo 2 >> /steps/log', { ...mount, name: 'second' }),
      ],
      containers: [pods.sh('cat /steps/log; exit 3', mount)],
    });
    const { status } = await pods.node.until((report) => report.status.phase === 'Failed');
    expect(status.containerStatuses?.[0]?.state.terminated).toMatchObject({
      exitCode: 3,
      reason: 'Error',
    });
    expect(status.initContainerStatuses?.map(({ state }) => state.terminated?.reason)).toEqual([
      'Completed',
      'Completed',
    ]);
    expect(await pods.log((line) => line === '2')).toEqual(['1', '2']);
  });

  it('are bounded in memory, and it is told that they were killed for it', async () => {
    const main = pods.sh('x=0123456789; while :; do x=$x$x; done', {
      resources: { limits: { memory: '16Mi' } },
    });
    pods.hold({ restartPolicy: 'Never', containers: [main] });
    const { status } = await pods.node.until((report) => report.status.phase === 'Failed');
    expect(status.qosClass).toBe('Burstable');
    expect(status.containerStatuses?.[0]?.state.terminated).toMatchObject({
      exitCode: 137,
      reason: 'OOMKilled',
    });
  });

  it('are charged for what they write over their image, and not for their volumes', async () => {
    const script =
      'head -c 3000000 /dev/zero > /file; head -c 9000000 /dev/zero > /v/file; echo done; exec sleep 1000';
    pods.hold({
      volumes: [{ name: 'v', emptyDir: {} }],
      containers: [pods.sh(script, { volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
    });
    await running();
    await pods.log((line) => line === 'done');
    const [{ id } = { id: '' }] = (await pods.seen()).containers;
    const { bytes } = await pods.runtime.diskUsage(id, signal);
    expect(bytes).toBeGreaterThanOrEqual(3_000_000);
    expect(bytes).toBeLessThan(9_000_000);
  });

  it('run as who they should, where they may not write', async () => {
    const main = pods.sh(
      'id -u; id -g; id -G; touch /x 2>/dev/null || echo refused; exec sleep 1000',
      {
        securityContext: { runAsUser: 1000, runAsGroup: 2000, readOnlyRootFilesystem: true },
      },
    );
    pods.hold({ securityContext: { fsGroup: 3000 }, containers: [main] });
    await running();
    const lines = await pods.log((line) => line === 'refused');
    expect(lines).toEqual(['1000', '2000', '2000 3000', 'refused']);
  });

  it('are reached by a port of the host', async () => {
    const [port = 0] = await freePorts(1);
    const ports = [{ containerPort: 8080, hostPort: port }];
    pods.hold({
      containers: [pods.sh('echo hi > /tmp/index.html; exec httpd -f -p 8080 -h /tmp', { ports })],
    });
    await running();
    expect(await answerOf(`http://127.0.0.1:${port}/`)).toBe('hi\n');
  });

  it('share the host’s network when they ask for it', async () => {
    pods.hold({ hostNetwork: true, containers: [pods.sh('hostname; exec sleep 1000')] });
    const { status } = await running();
    expect(status.podIP).toBe(status.hostIP);
  });

  it('say what the engine says of an image that cannot be had', async () => {
    pods.hold({ containers: [pods.sh('', { image: '127.0.0.1:1/none:1' })] });
    const { status } = await pods.node.until(
      (report) => 'waiting' in stateOf(report) && reasonOf(report) === 'ErrImagePull',
    );
    expect(status.containerStatuses?.[0]?.state.waiting?.message).toContain('127.0.0.1:1');
  });

  it('are adopted by the next agent as they are', async () => {
    pods.hold({ containers: [pods.sh('exec sleep 1000')] });
    await running();
    const before = await pods.seen();
    await pods.node.stopAgent();
    pods.node.startAgent();
    pods.hold({ name: 'web2', containers: [pods.sh('exec sleep 1000')] });
    await running('web2');
    expect(await pods.seen()).toEqual(before);
  });

  it('come back after everything was lost, and go on counting', async () => {
    pods.hold({ containers: [pods.sh('exec sleep 1000')] });
    await running();
    await pods.node.stopAgent();
    await pods.loseEverything();
    pods.node.startAgent();
    const { status } = await pods.node.until(
      (report) => isReady(report.status) && restartsOf(report) === 1,
    );
    expect(status.containerStatuses?.[0]?.lastState.terminated?.reason).toBe(
      'ContainerStatusUnknown',
    );
  });

  it('come back when the sandbox is killed', async () => {
    pods.hold({ containers: [pods.sh('exec sleep 1000')] });
    await running();
    const [sandbox] = (await pods.seen()).sandboxes;
    await pods.runtime.stopContainer(sandbox?.id ?? '', 0, signal);
    await pods.node.until((report) => isReady(report.status) && restartsOf(report) === 1);
  });

  it('are ended with their agent away, when it comes back', async () => {
    const web = pods.hold({ containers: [pods.sh('exec sleep 1000')] });
    await running();
    await pods.node.stopAgent();
    pods.node.release(podKey(web.metadata));
    const events = pods.runtime.events(signal)[Symbol.asyncIterator]();
    await events.next();
    pods.node.startAgent();
    while ((await pods.runtime.list(undefined, signal)).length > 0) await events.next();
  });
});

const stateOf = (report: PodReport): object => statusOf(report)?.state ?? {};
const reasonOf = (report: PodReport): string | undefined => statusOf(report)?.state.waiting?.reason;
const restartsOf = (report: PodReport): number | undefined => statusOf(report)?.restartCount;

/** Asks until something answers: a container runs before its program listens. */
async function answerOf(url: string): Promise<string> {
  for (;;) {
    const response = await fetch(url).catch(() => undefined);
    if (response) return response.text();
  }
}
