/** Memory and CPU of the agent: idle, and with 20 pods that run and have nothing to tell. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { pods as podType } from '@skerry/cloudhub/kube/resource';
import { importBusybox, startDockerEngine } from '../test/support/docker-engine.ts';
import { runningContainers, writeSleeper } from './support/containers.ts';
import { print, progress, spread } from './support/figures.ts';
import { benchHub, podKey } from './support/hub.ts';
import { cpuPercentOf, memoryOf } from './support/process-usage.ts';

const repeats = 3;
const pods = 20;
const settleMs = 10_000;
const cpuWindowMs = 20_000;
const forever = new AbortController().signal;

await using engine = await startDockerEngine();
const image = await importBusybox(engine);
await using hub = await benchHub();
const idle: number[] = [];
const busy: number[] = [];
const anonymous: number[] = [];
const cpu: number[] = [];
const bare: number[] = [];
for (let repeat = 1; repeat <= repeats; repeat++) {
  progress(`agent-footprint: repeat ${repeat} of ${repeats}`);
  const node = await hub.system.addNode({
    log: { level: 'info' },
    docker: { host: `unix://${engine.socketPath}` },
  });
  await node.daemon.start();
  await hub.system.untilReady(node);
  await sleep(settleMs);
  idle.push((await memoryOf(node.daemon.pid)).rss / 1e6);
  const names = Array.from({ length: pods }, (_, i) => `footprint-${repeat}-${i}`);
  for (const name of names) await writeSleeper(hub.api, { name, node: node.name, image });
  await until(
    async () =>
      (await runningContainers(engine.socketPath, `footprint-${repeat}-`)).length === pods,
  );
  await sleep(settleMs);
  const { rss, anonymous: own } = await memoryOf(node.daemon.pid);
  busy.push(rss / 1e6);
  anonymous.push(own / 1e6);
  cpu.push(await cpuPercentOf(node.daemon.pid, cpuWindowMs));
  for (const name of names) await hub.api.delete(podType, podKey(name), {}, forever);
  await until(
    async () => (await runningContainers(engine.socketPath, `footprint-${repeat}-`)).length === 0,
  );
  await node.daemon.end('SIGTERM');
  bare.push(await bareNodeMb());
}
print({
  bench: 'agent-footprint',
  figures: {
    rss_mb_idle: spread(idle),
    rss_mb_20_pods: spread(busy),
    anonymous_mb_20_pods: spread(anonymous),
    cpu_percent_20_pods: spread(cpu),
  },
  floor: { bare_node_rss_mb: spread(bare) },
  ratio: spread(idle).median / spread(bare).median,
});

/** A process of this runtime that does nothing. */
async function bareNodeMb(): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
  await sleep(1_000);
  const { rss } = await memoryOf(child.pid);
  child.kill();
  await once(child, 'exit');
  return rss / 1e6;
}

async function until(probe: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await probe())) {
    if (performance.now() > deadline) throw new Error('gave up after 60 s');
    await sleep(100);
  }
}
