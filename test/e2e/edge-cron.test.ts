import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSystem, showLogsOfFailures, type TestNode } from '../support/daemons.ts';
import { eventually } from '../support/eventually.ts';

/** A run begins once a minute at most; the rest is for a slow machine. */
const limitMs = 150_000;
let system: TestSystem;
let node: TestNode;
let diary: string;

interface Job {
  readonly metadata: {
    readonly name: string;
    readonly ownerReferences: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly spec: { readonly managedBy?: string };
  readonly status: {
    readonly succeeded?: number;
    readonly conditions?: readonly { readonly type: string }[];
  };
}

interface CronJob {
  readonly status?: { readonly lastScheduleTime?: string; readonly lastSuccessfulTime?: string };
}

const runs = async (): Promise<number> =>
  (await readFile(diary, 'utf8').catch(() => '')).split('\n').length - 1;

beforeAll(async () => {
  system = await TestSystem.prepare();
  await system.startHub();
  node = await system.addNode({
    docker: { host: `unix://${join(system.directory, 'no-engine.sock')}` },
  });
  diary = join(system.directory, 'diary');
  await node.daemon.start();
  await system.untilReady(node);
});
afterAll(() => system[Symbol.asyncDispose]());
showLogsOfFailures(() => system);

describe('a CronJob that the edge runs', { timeout: 3 * limitMs }, () => {
  it('begins while the node is cut off, and is told of afterwards', async () => {
    const container = {
      name: 'main',
      image: 'none',
      command: ['sh', '-c', `echo "$WORD" >> ${diary}`],
      envFrom: [{ configMapRef: { name: 'words' } }],
    };
    const template = {
      spec: {
        nodeName: node.name,
        runtimeClassName: 'process',
        restartPolicy: 'Never',
        containers: [container],
      },
    };
    await system.kubectl.apply([
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'words' },
        data: { WORD: 'tidied' },
      },
      {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: {
          name: 'tidy',
          // suspended for the cluster, and not for the edge
          annotations: { 'edge.skerry.io/run-at': 'edge', 'edge.skerry.io/suspend': 'false' },
        },
        spec: {
          schedule: '@every 5s',
          suspend: true,
          jobTemplate: { spec: { template } },
        },
      },
    ]);
    const log = (): Promise<string> => node.daemon.log();
    await eventually('the node to hear of it', async () =>
      (await log()).includes('this node runs a CronJob'),
    );
    await system.hub.end('SIGKILL');
    const before = await runs();
    await eventually('a run without a hub', async () => (await runs()) > before, limitMs);
    await node.daemon.crashAndRestart();
    expect(await readFile(diary, 'utf8')).toMatch(/^(tidied\n)+$/);

    await system.hub.start();
    const { status } = await system.kubectl.waitFor<CronJob>(
      ['cronjob', 'tidy'],
      (cronJob) => cronJob.status?.lastSuccessfulTime !== undefined,
      limitMs,
    );
    expect(status?.lastScheduleTime).toBeDefined();
    const { items } = await system.kubectl.json<{ readonly items: readonly Job[] }>('get', 'jobs');
    const [first] = items;
    expect(first?.metadata.ownerReferences[0]).toMatchObject({ kind: 'CronJob', name: 'tidy' });
    expect(first?.spec.managedBy).toBe('edge.skerry.io/edgecore');
    const name = first?.metadata.name ?? '';
    await system.kubectl.waitFor<Job>(
      ['job', name],
      (job) => job.status.conditions?.some(({ type }) => type === 'Complete') === true,
      limitMs,
    );
    await system.kubectl.run(['delete', 'cronjob', 'tidy', '--cascade=orphan']);
  });
});
