import { join } from 'node:path';
import { MetaStore } from '@skerry/edgecore/meta/meta-store';
import { openStore } from '@skerry/shared/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containersOf, runningContainer } from '../support/containers.ts';
import { TestSystem, showLogsOfFailures, type TestNode } from '../support/daemons.ts';
import {
  ask,
  importBusybox,
  startDockerEngine,
  type DockerEngine,
} from '../support/docker-engine.ts';
import { eventually } from '../support/eventually.ts';

const updates = 200;
const names = Array.from({ length: 10 }, (_, i) => `map-${i}`);
let engine: DockerEngine;
let image: string;
let system: TestSystem;
let node: TestNode;

beforeAll(async () => {
  engine = await startDockerEngine();
  image = await importBusybox(engine);
  system = await TestSystem.prepare();
  await system.startHub();
  node = await system.addNode({ docker: { host: `unix://${engine.socketPath}` } });
  await node.daemon.start();
  await system.untilReady(node);
  const maps = names.map((name) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: { value: 'start' },
  }));
  const envFrom = names.map((name) => ({ configMapRef: { name } }));
  const container = {
    name: 'main',
    image,
    imagePullPolicy: 'Never',
    command: ['sleep', '100000'],
    envFrom,
  };
  const spec = { nodeName: node.name, terminationGracePeriodSeconds: 0, containers: [container] };
  await system.kubectl.apply([
    ...maps,
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'reader' }, spec },
  ]);
  await running();
});
afterAll(async () => {
  await system.kubectl.run(['delete', 'pods', '--all', '--timeout=30s']);
  await system[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});
showLogsOfFailures(() => system);

const running = (): Promise<unknown> =>
  system.kubectl.waitFor<{ status: { phase?: string } }>(
    ['pod', 'reader'],
    ({ status }) => status.phase === 'Running',
  );

/** `updates` updates of the maps by kubectl, deletions and new ones among them; `midway` happens in the middle. */
async function updateMaps(run: string, midway: () => Promise<void>): Promise<void> {
  const write = async (from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i += names.length) {
      const maps = names.map((name, j) => ({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name },
        data: { value: `${run}-${i + j}` },
      }));
      await eventually(
        'the API to take updates',
        async () => (await system.kubectl.apply(maps)) !== '',
      );
      await eventually(
        'a deletion',
        async () =>
          (await system.kubectl.run(['delete', 'cm', names[i % 7] ?? '', '--ignore-not-found'])) !==
          'never',
      );
    }
  };
  const second = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await midway();
  };
  await Promise.all([write(0, updates), second()]);
}

interface Listed {
  readonly items: readonly {
    readonly metadata: {
      readonly name: string;
      readonly uid: string;
      readonly resourceVersion: string;
    };
  }[];
}

async function inCluster(): Promise<string[]> {
  const { items } = await system.kubectl.json<Listed>('get', 'configmaps');
  return items
    .filter(({ metadata }) => names.includes(metadata.name))
    .map(
      ({ metadata }) =>
        `configmaps/default/${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`,
    )
    .toSorted();
}

/** What is on the node's disk, read while the agent is down. */
async function atEdge(): Promise<string[]> {
  await using store = await openStore(join(node.dataDir, 'meta'), {
    whenCorrupt: 'fail',
    now: Date.now,
  });
  const meta = await MetaStore.open(store);
  return [...meta.held()]
    .filter(({ key }) => key.startsWith('configmaps/'))
    .map(({ key, uid, version }) => `${key} ${uid} ${String(version)}`)
    .toSorted();
}

async function untilEqual(): Promise<void> {
  await eventually('both sides equal', async () => {
    const pending = await pendingAtHub();
    if (pending !== 0) return false;
    await node.daemon.end('SIGTERM');
    const held = await atEdge();
    await node.daemon.start();
    expect(held).toEqual(await inCluster());
    return true;
  });
}

/** Changes that the hub has sent or is about to; undefined while the node is not connected. */
async function pendingAtHub(): Promise<number | undefined> {
  const text = await (await fetch(`http://127.0.0.1:${system.hubMetricsPort}/metrics`)).text();
  const gauge = (name: string): number =>
    Number(new RegExp(`^skerry_hub_${name} (\\d+)`, 'm').exec(text)?.[1]);
  return gauge('sessions') === 1 ? gauge('pending_changes') + gauge('inflight_changes') : undefined;
}

describe('with processes that are killed', () => {
  it(`loses nothing of ${updates} updates when the hub is killed among them`, async () => {
    await updateMaps('hub', () => system.hub.crashAndRestart());
    await untilEqual();
  });

  it(`loses nothing of ${updates} updates when the agent is killed among them`, async () => {
    await updateMaps('agent', () => node.daemon.crashAndRestart());
    await untilEqual();
  });

  it('adopts the containers that run when the agent comes back', async () => {
    const before = await runningContainer(engine, 'reader');
    await node.daemon.crashAndRestart();
    await system.untilReady(node);
    await running();
    expect(await runningContainer(engine, 'reader')).toBe(before);
  });

  it('brings the pods back when the agent starts with the hub down', async () => {
    await system.hub.end('SIGKILL');
    await node.daemon.end('SIGKILL');
    const id = await runningContainer(engine, 'reader');
    await ask(engine.socketPath, 'POST', `/containers/${id}/kill`); // as after a reboot
    await node.daemon.start();
    await eventually('the pod without a hub', () => runningContainer(engine, 'reader'));
    await system.hub.start();
    await system.untilReady(node);
  });

  it('removes what was deleted while the agent was down', async () => {
    await node.daemon.end('SIGKILL');
    await system.kubectl.run([
      'delete',
      'pod',
      'reader',
      '--grace-period=0',
      '--force',
      '--wait=false',
    ]);
    await node.daemon.start();
    await eventually(
      'no container',
      async () => (await containersOf(engine, 'reader')).length === 0,
    );
  });
});
