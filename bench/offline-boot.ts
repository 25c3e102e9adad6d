/** Agent start without a hub → 20 pods run again, after the machine has lost all containers. */
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { pods as podType } from '@skerry/cloudhub/kube/resource';
import { listContainers } from '../test/support/containers.ts';
import { ask, importBusybox, startDockerEngine } from '../test/support/docker-engine.ts';
import { barePods, runningContainers, writeSleeper } from './support/containers.ts';
import { print, progress, spread } from './support/figures.ts';
import { benchHub, podKey } from './support/hub.ts';
import { cpuSecondsOf } from './support/process-usage.ts';

const repeats = 3;
const pods = 20;
/** Containers that the agent makes at once. */
const atOnce = 8;
const forever = new AbortController().signal;

await using engine = await startDockerEngine();
const image = await importBusybox(engine);
await using hub = await benchHub();
const node = await hub.dockerNode(engine);
const names = Array.from({ length: pods }, (_, i) => `boot-${i}`);
for (const name of names) await writeSleeper(hub.api, { name, node: node.name, image });
await untilRunning(pods);

const seconds: number[] = [];
const cpu: number[] = [];
const floors: number[] = [];
await hub.system.hub.end('SIGTERM');
for (let repeat = 1; repeat <= repeats; repeat++) {
  progress(`offline-boot: repeat ${repeat} of ${repeats}`);
  await node.daemon.end('SIGKILL');
  await removeAll();
  const began = performance.now();
  const started = node.daemon.start();
  await untilRunning(pods);
  seconds.push((performance.now() - began) / 1_000);
  await started;
  cpu.push(await cpuSecondsOf(node.daemon.pid));
  await node.daemon.end('SIGTERM');
  await removeAll();
  floors.push((await barePods(engine.socketPath, image, pods, atOnce)) / 1_000);
}
await hub.system.hub.start();
await node.daemon.start();
for (const name of names) await hub.api.delete(podType, podKey(name), {}, forever);
await untilRunning(0);
print({
  bench: 'offline-boot',
  figures: { seconds: spread(seconds), cpu_seconds: spread(cpu), load_1_minute: loadavg()[0] ?? 0 },
  floor: { engine_20_pods_seconds: spread(floors) },
  ratio: spread(seconds).median / spread(floors).median,
});

/** As after a reboot: whatever was running is gone, and so is what it was. */
async function removeAll(): Promise<void> {
  const listed = await listContainers(engine.socketPath, `io.skerry.owner=${node.name}`);
  await Promise.all(
    listed.map(({ Id }) => ask(engine.socketPath, 'DELETE', `/containers/${Id}?force=1`)),
  );
}

async function untilRunning(count: number): Promise<void> {
  const deadline = performance.now() + 120_000;
  while ((await runningContainers(engine.socketPath, 'boot-')).length !== count) {
    if (performance.now() > deadline) throw new Error('gave up after 120 s');
    await sleep(20);
  }
}
