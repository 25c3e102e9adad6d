import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listContainers, logsOf, runningContainer } from '../support/containers.ts';
import { TestSystem, showLogsOfFailures, type TestNode } from '../support/daemons.ts';
import { answers, ask, importBusybox, type DockerEngine } from '../support/docker-engine.ts';
import { eventually, patienceMs } from '../support/eventually.ts';
import { startPrivateEngine, type PrivateEngine } from '../support/private-engine.ts';

let engine: PrivateEngine;
let docker: DockerEngine;
let system: TestSystem;
let node: TestNode;
let uid: string;

interface Pod {
  readonly metadata: { readonly uid: string };
  readonly status: {
    readonly phase?: string;
    readonly containerStatuses?: readonly {
      readonly restartCount: number;
      readonly ready: boolean;
      readonly lastState: { readonly terminated?: { readonly exitCode: number } };
    }[];
  };
}

const isReady = ({ status }: Pod): boolean => status.containerStatuses?.[0]?.ready === true;
const running = (): Promise<string> =>
  eventually('the pod without a hub', () => runningContainer(docker, 'web'));
/** Restarts as the node itself tells them; undefined while it tells nothing. */
const toldRestarts = async (): Promise<number | undefined> => {
  const url = `http://127.0.0.1:${node.localPort}/api/v1/namespaces/default/pods/web`;
  const answer = await fetch(url).catch(() => undefined);
  if (answer?.ok !== true) return undefined;
  return ((await answer.json()) as Pod).status.containerStatuses?.[0]?.restartCount;
};
const restarts = (): Promise<number> => eventually('the pod at the node', toldRestarts);
const untilRestarts = (least: number): Promise<boolean> =>
  eventually(`${least} restarts`, async () => ((await toldRestarts()) ?? 0) >= least);

const timesEngineFound = async (): Promise<number> =>
  (await node.daemon.log()).split('"runtime":"docker","phase":"ready"').length;

/** What the pod says when it starts: its configuration, its Secret, and what it has written before. */
const script = [
  'echo x >> /data/starts',
  'echo "$MODE $(cat /secret/token) $(cat /site/page) start $(wc -l < /data/starts)"',
  'exec sleep 100000',
].join('; ');

beforeAll(async () => {
  engine = await startPrivateEngine(answers);
  const { socketPath } = engine;
  docker = { socketPath, images: new Set(), [Symbol.asyncDispose]: () => Promise.resolve() };
  const image = await importBusybox(docker);
  system = await TestSystem.prepare();
  await system.startHub();
  node = await system.addNode({ docker: { host: `unix://${socketPath}` } });
  await node.daemon.start();
  await system.untilReady(node);
  const container = {
    name: 'main',
    image,
    imagePullPolicy: 'Never',
    command: ['sh', '-c', script],
    envFrom: [{ configMapRef: { name: 'site' } }],
    volumeMounts: [
      { name: 'site', mountPath: '/site' },
      { name: 'secret', mountPath: '/secret' },
      { name: 'work', mountPath: '/data' },
    ],
  };
  await system.kubectl.apply([
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'site' },
      data: { MODE: 'calm', page: 'page-1' },
    },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'key' },
      stringData: { token: 's3cr3t' },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web' },
      spec: {
        nodeName: node.name,
        terminationGracePeriodSeconds: 0,
        containers: [container],
        volumes: [
          { name: 'site', configMap: { name: 'site' } },
          { name: 'secret', secret: { secretName: 'key' } },
          { name: 'work', emptyDir: {} },
        ],
      },
    },
  ]);
  uid = (await system.kubectl.waitFor<Pod>(['pod', 'web'], isReady)).metadata.uid;
  await system.hub.end('SIGKILL');
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await engine.stop();
});
showLogsOfFailures(() => system);

describe('a node whose hub is away', { timeout: 4 * patienceMs }, () => {
  it('goes on with the same container when its agent starts again', async () => {
    const before = await running();
    const looks = await timesEngineFound();
    await node.daemon.crashAndRestart();
    await eventually('the agent to look', async () => (await timesEngineFound()) > looks);
    expect(await running()).toBe(before);
    expect(await restarts()).toBe(0);
  });

  it('runs its pods again when the engine has ended and started', async () => {
    const before = await running();
    await engine.halt();
    await engine.resume();
    expect(await running()).not.toBe(before);
    await untilRestarts(1);
  });

  it('brings them back after the machine was off and has forgotten every container', async () => {
    const before = await restarts();
    await node.daemon.end('SIGKILL');
    const left = await listContainers(engine.socketPath, `io.skerry.owner=${node.name}`);
    for (const { Id } of left)
      await ask(engine.socketPath, 'DELETE', `/containers/${Id}?force=1&v=1`);
    await engine.halt();
    await engine.resume();
    await node.daemon.start();
    const id = await running();
    await eventually('its words', async () =>
      /^calm s3cr3t page-1 start 3$/m.test(await logsOf(docker, id)),
    );
    await untilRestarts(before + 1);
    expect((await listContainers(engine.socketPath, `io.skerry.pod.uid=${uid}`)).length).toBe(2);
  });

  it('tells all of it when the hub is back, of the same pod', async () => {
    const known = await restarts();
    await system.hub.start();
    await system.untilReady(node);
    const pod = await system.kubectl.waitFor<Pod>(
      ['pod', 'web'],
      (seen) => isReady(seen) && (seen.status.containerStatuses?.[0]?.restartCount ?? 0) >= known,
    );
    expect(pod.metadata.uid).toBe(uid);
    expect(known).toBeGreaterThanOrEqual(2);
    expect(pod.status.containerStatuses?.[0]?.lastState.terminated).toBeDefined();
    await system.kubectl.run(['delete', 'pod', 'web', '--timeout=90s']);
  });
});
