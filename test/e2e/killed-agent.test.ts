import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeClient } from '@skerry/cloudhub/kube/kube-client';
import { adminClient } from '../support/admin-client.ts';
import { TestSystem, showLogsOfFailures, type TestNode } from '../support/daemons.ts';
import { importBusybox, startDockerEngine, type DockerEngine } from '../support/docker-engine.ts';
import { eventually } from '../support/eventually.ts';
import { ComingAndGoing } from '../support/killed-agent.ts';

/** `SKERRY_KILLS=1000 SKERRY_KILLS_ON=docker` for more, and on a real engine. */
const kills = Number(process.env['SKERRY_KILLS'] ?? 40);
const isOnEngine = process.env['SKERRY_KILLS_ON'] === 'docker';
const seed = Number(process.env['SKERRY_SEED'] ?? Date.now() % 1_000_000);
const limitMs = 120_000;

let engine: DockerEngine | undefined;
let system: TestSystem;
let api: KubeClient;
let node: TestNode;

beforeAll(async () => {
  if (isOnEngine) engine = await startDockerEngine();
  system = await TestSystem.prepare({ hub: { log: { level: 'warn' } } });
  await system.startHub();
  api = await adminClient(system);
  node = await system.addNode({
    docker: { host: `unix://${engine?.socketPath ?? join(system.directory, 'no-engine.sock')}` },
  });
  await node.daemon.start();
  await system.untilReady(node);
  await node.daemon.end('SIGTERM');
});
afterAll(async () => {
  api[Symbol.dispose]();
  await system[Symbol.asyncDispose]();
  await engine?.[Symbol.asyncDispose]();
});
showLogsOfFailures(() => system);

describe('an agent that is killed at random moments', () => {
  it(
    `loses no pod, runs none twice and leaves none behind, ${kills} times (seed ${seed})`,
    {
      timeout: kills * 10_000 + 3 * limitMs,
    },
    async () => {
      const image = engine && (await importBusybox(engine));
      const on =
        engine && image !== undefined ? { socketPath: engine.socketPath, image } : undefined;
      const pods = new ComingAndGoing({ api, node, seed, kills, engine: on });
      await pods.killAtRandom();
      await node.daemon.start();
      await pods.untilLevel(limitMs);
      for (const name of pods.names)
        await system.kubectl.waitFor<{ status: { phase?: string } }>(
          ['pod', name],
          ({ status }) => status.phase === 'Running',
          limitMs,
        );
      await pods.deleteAll();
      await pods.untilLevel(limitMs);
      await eventually(
        'no pod in the API',
        async () => (await system.kubectl.run(['get', 'pods', '-o', 'name'])) === '',
        limitMs,
      );
      const directory = join(node.dataDir, 'pods');
      await eventually(
        'no directory of a pod',
        async () => (await readdir(directory)).length === 0,
      );
      expect(pods.made).toBeGreaterThan(kills / 4);
      expect(pods.mostAtOnce).toBeGreaterThan(0);
    },
  );
});
