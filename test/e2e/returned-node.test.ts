import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containersOf } from '../support/containers.ts';
import { TestSystem, showLogsOfFailures, type TestNode } from '../support/daemons.ts';
import { importBusybox, startDockerEngine, type DockerEngine } from '../support/docker-engine.ts';
import { eventually, patienceMs } from '../support/eventually.ts';
import { LinkProxy } from '../support/link-proxy.ts';

let engine: DockerEngine;
let system: TestSystem;
let proxy: LinkProxy;
let away: TestNode;
let other: TestNode;

interface Pods {
  readonly items: readonly Pod[];
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly containerStatuses?: readonly {
      readonly ready: boolean;
      readonly restartCount: number;
    }[];
  };
}

const isReady = ({ status }: Pod): boolean => status.containerStatuses?.[0]?.ready === true;
const isLeaving = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined;
const pods = async (): Promise<readonly Pod[]> =>
  (await system.kubectl.json<Pods>('get', 'pods')).items;
/** Ready pods on one node, and nothing else. */
const untilAllOn = (node: TestNode, count: number): Promise<readonly Pod[]> =>
  eventually(`${count} pods on ${node.name}, and no other`, async () => {
    const all = await pods();
    const areThere = all.every((pod) => pod.spec.nodeName === node.name && isReady(pod));
    return all.length === count && areThere && !all.some(isLeaving) && all;
  });
/** Nodes that run a container of pods of these names. */
const runners = async (...names: readonly string[]): Promise<readonly string[]> => {
  const all = await Promise.all(names.map((name) => containersOf(engine, name)));
  return all
    .flat()
    .filter(({ State, Labels }) => State === 'running' && 'io.skerry.container.name' in Labels)
    .map(({ Labels }) => Labels['io.skerry.owner'] ?? '');
};

function workload(kind: string, name: string, replicas: number, image: string): object {
  const labels = { app: name };
  const main = { name: 'main', image, imagePullPolicy: 'Never', command: ['sleep', '100000'] };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      ...(kind === 'StatefulSet' && { serviceName: name }),
      template: {
        metadata: { labels, annotations: { 'edge.skerry.io/autonomy': '1s' } },
        spec: { terminationGracePeriodSeconds: 1, containers: [main] },
      },
    },
  };
}

beforeAll(async () => {
  engine = await startDockerEngine();
  const image = await importBusybox(engine);
  // far more than a busy machine lets a node wait between two beats
  system = await TestSystem.prepare({ hub: { nodeMonitorGraceSeconds: 10, heartbeatSeconds: 1 } });
  await system.startHub();
  const { port } = new URL(system.edgesUrl);
  proxy = await LinkProxy.open({ target: { host: '127.0.0.1', port: Number(port) } });
  const docker = { host: `unix://${engine.socketPath}` };
  const redial = { firstMs: 50, maxMs: 200 };
  away = await system.addNode({ docker, hub: { url: `wss://127.0.0.1:${proxy.port}`, redial } });
  other = await system.addNode({ docker });
  await away.daemon.start();
  await system.untilReady(away);
  await system.kubectl.apply([
    workload('Deployment', 'web', 3, image),
    workload('StatefulSet', 'db', 1, image),
  ]);
  await untilAllOn(away, 4);
});
afterAll(async () => {
  await system.kubectl.run(['delete', 'deploy/web', 'sts/db', '--cascade=foreground']);
  await system[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});
showLogsOfFailures(() => system);

describe('a node whose pods were replaced while it was away', { timeout: 4 * patienceMs }, () => {
  let before: readonly Pod[];

  it('goes on running them, for it cannot know', async () => {
    before = await pods();
    proxy.refuse();
    proxy.cut();
    await other.daemon.start();
    await system.untilReady(other);
    await eventually(
      'all four to leave',
      async () => (await pods()).filter(isLeaving).length === 4,
    );
    await system.kubectl.run(['delete', 'pod', 'db-0', '--force', '--grace-period=0']);
    await eventually('successors', async () => {
      const here = (await pods()).filter(({ spec }) => spec.nodeName === other.name);
      return here.length === 4 && here.every(isReady);
    });
    const names = before.map(({ metadata }) => metadata.name);
    expect((await runners(...names)).filter((node) => node === away.name)).toHaveLength(4);
    expect((await runners('db-0')).toSorted()).toEqual([away.name, other.name].toSorted());
  });

  it('ends them when it is back, leaves none in the cluster, and none of their successors alone', async () => {
    const successor = (await pods()).find(
      (pod) => pod.metadata.name === 'db-0' && pod.spec.nodeName === other.name,
    );
    await proxy.restore();
    await system.untilReady(away);
    const after = await untilAllOn(other, 4);
    const names = before.map(({ metadata }) => metadata.name);
    await eventually('no container of theirs', async () =>
      (await runners(...names)).every((node) => node === other.name),
    );
    expect(await runners('db-0')).toEqual([other.name]);
    const kept = after.find(({ metadata }) => metadata.name === 'db-0');
    expect(kept?.metadata.uid).toBe(successor?.metadata.uid);
    expect(kept?.metadata.uid).not.toBe(
      before.find(({ metadata }) => metadata.name === 'db-0')?.metadata.uid,
    );
    expect(after.map(({ status }) => status.containerStatuses?.[0]?.restartCount)).toEqual([
      0, 0, 0, 0,
    ]);
  });
});
