import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSystem, showLogsOfFailures, type TestNode } from '../support/daemons.ts';
import { eventually } from '../support/eventually.ts';

interface Pods {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
    readonly spec: {
      readonly nodeName?: string;
      readonly containers: readonly { image: string }[];
    };
    readonly status: {
      readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    };
  }[];
}

/** A deployment whose pods are processes of the machine: no engine is needed. */
function deployment(version: string): object {
  const labels = { app: 'web' };
  const container = {
    name: 'main',
    image: `example/web:${version}`,
    command: ['sleep', '1000'],
    env: [{ name: 'VERSION', value: version }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels },
        spec: {
          runtimeClassName: 'process',
          terminationGracePeriodSeconds: 1,
          containers: [container],
        },
      },
    },
  };
}

describe('a deployment at the edge', () => {
  let system: TestSystem;
  let node: TestNode;

  beforeAll(async () => {
    system = await TestSystem.prepare();
    await system.startHub();
    node = await system.addNode({ docker: { host: 'unix:///nonexistent.sock' } });
    await node.daemon.start();
    await system.untilReady(node);
  });
  afterAll(async () => {
    await system.kubectl.run(['delete', 'deployments,pods', '--all', '--timeout=90s']);
    await system[Symbol.asyncDispose]();
  });
  showLogsOfFailures(() => system);

  const pods = async (): Promise<Pods['items']> =>
    (await system.kubectl.json<Pods>('get', 'pods', '-l', 'app=web')).items;
  const status = (): Promise<string> =>
    system.kubectl.run(['rollout', 'status', 'deploy/web', '--timeout=120s']);
  const readyCount = async (): Promise<number> =>
    (await pods()).filter(
      ({ metadata, status: { conditions = [] } }) =>
        metadata.deletionTimestamp === undefined &&
        conditions.some((one) => one.type === 'Ready' && one.status === 'True'),
    ).length;

  it('is scheduled, rolls over without a pod less, and goes on when the hub was killed', async () => {
    await system.kubectl.apply(deployment('1'));
    await status();
    expect((await pods()).map(({ spec }) => spec.nodeName)).toEqual([
      node.name,
      node.name,
      node.name,
    ]);

    await system.kubectl.apply(deployment('2'));
    const counts: number[] = [];
    await eventually(
      'the rollout',
      async () => {
        counts.push(await readyCount());
        const images = (await pods()).map(({ spec }) => spec.containers[0]?.image);
        return images.length === 3 && images.every((image) => image === 'example/web:2');
      },
      120_000,
    );
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(3);
    expect(await status()).toMatch(/successfully rolled out\n$/);

    await system.kubectl.apply(deployment('3'));
    await system.hub.crashAndRestart();
    await status();
    await eventually('the end of the old pods', async () => (await pods()).length === 3);
    const { items } = await system.kubectl.json<{ items: unknown[] }>('get', 'rs');
    expect(items).toHaveLength(3);
  });
});
