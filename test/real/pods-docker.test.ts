import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDockerRuntime } from '@skerry/edgecore/runtime/docker/docker-runtime';
import { systemClock } from '@skerry/shared/clock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Container, PodObject } from '../../packages/edgecore/src/pods/pod.ts';
import {
  PodNode,
  podObject,
  type PodReport,
} from '../../packages/edgecore/src/pods/testing/pod-node.ts';
import type { ContainerRuntime } from '../../packages/edgecore/src/runtime/container-runtime.ts';
import type { ObservedPod } from '../../packages/edgecore/src/runtime/observed.ts';
import { importBusybox, startDockerEngine, type DockerEngine } from '../support/docker-engine.ts';

const { signal } = new AbortController();

describe('pods on a Docker engine', () => {
  let engine: DockerEngine;
  let image: string;
  let owner: string;
  let runtime: ContainerRuntime;
  let node: PodNode;
  const open = (): Promise<ContainerRuntime> =>
    openDockerRuntime({ address: `unix://${engine.socketPath}`, owner, clock: systemClock });

  beforeAll(async () => {
    engine = await startDockerEngine();
    image = await importBusybox(engine);
  });
  afterAll(() => engine[Symbol.asyncDispose]());
  beforeEach(async () => {
    owner = `pods-${crypto.randomUUID()}`;
    runtime = await open();
    node = await PodNode.start({ clock: systemClock, open });
  });
  afterEach(async () => {
    await node[Symbol.asyncDispose]();
    await loseEverything();
  });

  const loseEverything = async (): Promise<void> => {
    for (const { containers, sandboxes } of await runtime.list(undefined, signal)) {
      await Promise.all(containers.map(({ id }) => runtime.removeContainer(id, signal)));
      await Promise.all(sandboxes.map(({ id }) => runtime.removeSandbox(id, signal)));
    }
  };
  const sh = (script: string, more: Partial<Container> = {}): Container => ({
    name: 'main',
    image,
    command: ['sh', '-c', script],
    ...more,
  });
  const pod = (wish: Parameters<typeof podObject>[0]): PodObject =>
    podObject({ uid: crypto.randomUUID(), terminationGracePeriodSeconds: 1, ...wish });
  const running = (name?: string): Promise<PodReport> =>
    node.until(({ status }) => status.phase === 'Running' && isReady(status), name);
  const isReady = ({ conditions = [] }: PodReport['status']): boolean =>
    conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  const seen = async (name = 'web'): Promise<ObservedPod> => {
    const [found] = await runtime.list({ namespace: 'default', name }, signal);
    if (!found) throw new Error(`no pod ${name} on the engine`);
    return found;
  };
  /** Follows a container's log until a line satisfies `is`; answers all lines up to it. */
  const log = async (is: (line: string) => boolean, name = 'main'): Promise<string[]> => {
    const container = (await seen()).containers.findLast(({ mark }) => mark.name === name);
    const lines: string[] = [];
    for await (const { text } of runtime.logs(container?.id ?? '', { follow: true }, signal)) {
      lines.push(text);
      if (is(text)) break;
    }
    return lines;
  };
  const deleted = (object: PodObject): PodObject => ({
    ...object,
    metadata: {
      ...object.metadata,
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 1,
    },
  });

  it('run, and leave nothing behind when they are deleted', async () => {
    const web = pod({ containers: [sh('exec sleep 1000')] });
    node.hold('pods', web);
    const { status } = await running();
    expect(status.podIP).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(status.containerStatuses?.[0]?.containerID).toMatch(/^docker:\/\/[0-9a-f]{64}$/);
    node.hold('pods', deleted(web));
    const gone = await node.until((report) => report.gone);
    expect(gone.status.containerStatuses?.[0]?.state.terminated).toBeDefined();
    expect(await runtime.list(undefined, signal)).toEqual([]);
  });

  it('share one network, one emptyDir and their host name between their containers', async () => {
    const mount = { volumeMounts: [{ name: 'shared', mountPath: '/shared' }] };
    node.hold(
      'pods',
      pod({
        volumes: [{ name: 'shared', emptyDir: {} }],
        containers: [
          sh('echo hello > /shared/index.html; exec httpd -f -p 8080 -h /shared', {
            ...mount,
            name: 'server',
          }),
          sh(
            'until wget -q -O - http://127.0.0.1:8080/; do sleep 0.1; done; cat /shared/index.html; hostname; exec sleep 1000',
            mount,
          ),
        ],
      }),
    );
    await running();
    const lines = await log((line) => line === 'web');
    expect(lines.slice(-3)).toEqual(['hello', 'hello', 'web']);
  });

  it('see ConfigMaps and Secrets as environment and as files that follow their changes', async () => {
    const config = (mode: string): object => ({
      metadata: { name: 'site', namespace: 'default', uid: 'c' },
      data: { mode },
    });
    const secret = { data: { token: Buffer.from('s3cr3t').toString('base64') } };
    node.hold('configmaps', config('calm'));
    node.hold('secrets', { metadata: { name: 'key', namespace: 'default', uid: 's' }, ...secret });
    const main = sh(
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
    node.hold(
      'pods',
      pod({
        volumes: [
          { name: 'site', configMap: { name: 'site' } },
          { name: 'key', secret: { secretName: 'key', defaultMode: 0o400 } },
        ],
        containers: [main],
      }),
    );
    await running();
    expect(await log((line) => line === 'calm')).toEqual(['calm s3cr3t 400', 'calm']);
    node.hold('configmaps', config('storm'));
    expect((await log((line) => line === 'storm')).at(-1)).toBe('storm');
  });

  it('mount what the host has, and parts of it', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'host-path-'));
    await writeFile(join(directory, 'file'), 'of the host');
    const main = sh('cat /all/file /one; touch /all/x || echo refused; exec sleep 1000', {
      volumeMounts: [
        { name: 'host', mountPath: '/all', readOnly: true },
        { name: 'host', mountPath: '/one', subPath: 'file' },
      ],
    });
    const volumes = [{ name: 'host', hostPath: { path: directory, type: 'Directory' } }];
    node.hold('pods', pod({ volumes, containers: [main] }));
    await running();
    const lines = await log((line) => line.includes('refused'));
    expect(lines.join('')).toContain('of the hostof the host');
    await rm(directory, { recursive: true });
  });

  it('run their init containers first, in order, and end by their policy', async () => {
    const mount = { volumeMounts: [{ name: 'steps', mountPath: '/steps' }] };
    node.hold(
      'pods',
      pod({
        restartPolicy: 'Never',
        volumes: [{ name: 'steps', emptyDir: {} }],
        initContainers: [
          sh('echo 1 >> /steps/log', { ...mount, name: 'first' }),
          sh('echo 2 >> /steps/log', { ...mount, name: 'second' }),
        ],
        containers: [sh('cat /steps/log; exit 3', mount)],
      }),
    );
    const { status } = await node.until((report) => report.status.phase === 'Failed');
    expect(status.containerStatuses?.[0]?.state.terminated).toMatchObject({
      exitCode: 3,
      reason: 'Error',
    });
    expect(status.initContainerStatuses?.map(({ state }) => state.terminated?.reason)).toEqual([
      'Completed',
      'Completed',
    ]);
    expect(await log((line) => line === '2')).toEqual(['1', '2']);
  });

  it('are bounded in memory, and it is told that they were killed for it', async () => {
    const main = sh('x=0123456789; while :; do x=$x$x; done', {
      resources: { limits: { memory: '16Mi' } },
    });
    node.hold('pods', pod({ restartPolicy: 'Never', containers: [main] }));
    const { status } = await node.until((report) => report.status.phase === 'Failed');
    expect(status.qosClass).toBe('Burstable');
    expect(status.containerStatuses?.[0]?.state.terminated).toMatchObject({
      exitCode: 137,
      reason: 'OOMKilled',
    });
  });

  it('run as who they should, where they may not write', async () => {
    const main = sh('id -u; id -g; id -G; touch /x 2>/dev/null || echo refused; exec sleep 1000', {
      securityContext: { runAsUser: 1000, runAsGroup: 2000, readOnlyRootFilesystem: true },
    });
    node.hold('pods', pod({ securityContext: { fsGroup: 3000 }, containers: [main] }));
    await running();
    const lines = await log((line) => line === 'refused');
    expect(lines).toEqual(['1000', '2000', '2000 3000', 'refused']);
  });

  it('are reached by a port of the host', async () => {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const ports = [{ containerPort: 8080, hostPort: port }];
    node.hold(
      'pods',
      pod({
        containers: [sh('echo hi > /tmp/index.html; exec httpd -f -p 8080 -h /tmp', { ports })],
      }),
    );
    await running();
    expect(await answerOf(`http://127.0.0.1:${port}/`)).toBe('hi\n');
  });

  it('share the host’s network when they ask for it', async () => {
    node.hold('pods', pod({ hostNetwork: true, containers: [sh('hostname; exec sleep 1000')] }));
    const { status } = await running();
    expect(status.podIP).toBe(status.hostIP);
  });

  it('say what the engine says of an image that cannot be had', async () => {
    node.hold('pods', pod({ containers: [sh('', { image: '127.0.0.1:1/none:1' })] }));
    const { status } = await node.until(
      (report) => 'waiting' in stateOf(report) && reasonOf(report) === 'ErrImagePull',
    );
    expect(status.containerStatuses?.[0]?.state.waiting?.message).toContain('127.0.0.1:1');
  });

  it('are adopted by the next agent as they are', async () => {
    node.hold('pods', pod({ containers: [sh('exec sleep 1000')] }));
    await running();
    const before = await seen();
    await node.stopAgent();
    node.startAgent();
    const web2 = pod({ name: 'web2', containers: [sh('exec sleep 1000')] });
    node.hold('pods', web2);
    await running('web2');
    expect(await seen()).toEqual(before);
  });

  it('come back after everything was lost, and go on counting', async () => {
    node.hold('pods', pod({ containers: [sh('exec sleep 1000')] }));
    await running();
    await node.stopAgent();
    await loseEverything();
    node.startAgent();
    const { status } = await node.until(
      (report) => isReady(report.status) && restartsOf(report) === 1,
    );
    expect(status.containerStatuses?.[0]?.lastState.terminated?.reason).toBe(
      'ContainerStatusUnknown',
    );
  });

  it('come back when the sandbox is killed', async () => {
    node.hold('pods', pod({ containers: [sh('exec sleep 1000')] }));
    await running();
    const [sandbox] = (await seen()).sandboxes;
    await runtime.stopContainer(sandbox?.id ?? '', 0, signal);
    await node.until((report) => isReady(report.status) && restartsOf(report) === 1);
  });

  it('are ended with their agent away, when it comes back', async () => {
    const key = node.hold('pods', pod({ containers: [sh('exec sleep 1000')] }));
    await running();
    await node.stopAgent();
    node.release(key);
    const events = runtime.events(signal)[Symbol.asyncIterator]();
    await events.next();
    node.startAgent();
    while ((await runtime.list(undefined, signal)).length > 0) await events.next();
  });
});

const statusOf = (
  report: PodReport,
): NonNullable<PodReport['status']['containerStatuses']>[0] | undefined =>
  report.status.containerStatuses?.[0];
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
