/** API server has accepted the first of 20 and of 50 pods, written at once → the last one's process runs. */
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { pods as podType } from '@skerry/cloudhub/kube/resource';
import { importBusybox, startDockerEngine } from '../test/support/docker-engine.ts';
import {
  barePods,
  presentContainers,
  runningContainers,
  writeSleeper,
} from './support/containers.ts';
import { print, progress, spread, type Figures } from './support/figures.ts';
import { benchHub, podKey } from './support/hub.ts';

const repeats = 3;
const counts = [20, 50] as const;
/** Pods that the agent works on at once. */
const atOnce = 8;
const patienceMs = 300_000;
const forever = new AbortController().signal;

await using engine = await startDockerEngine();
const image = await importBusybox(engine);
await using hub = await benchHub();
const node = await hub.dockerNode(engine);

const figures: Record<string, Figures[string]> = {};
const floor: Record<string, Figures[string]> = {};
const ratios: number[] = [];
for (const count of counts) {
  const [seconds, floors]: [number[], number[]] = [[], []];
  for (let repeat = 1; repeat <= repeats; repeat++) {
    progress(`pod-burst: ${count} pods, repeat ${repeat} of ${repeats}`);
    const names = Array.from({ length: count }, (_, i) => `burst-${count}-${repeat}-${i}`);
    const began = performance.now();
    await Promise.all(names.map((name) => writeSleeper(hub.api, { name, node: node.name, image })));
    await until(
      async () => (await runningContainers(engine.socketPath, 'burst-')).length === count,
    );
    seconds.push((performance.now() - began) / 1_000);
    for (const name of names) await hub.api.delete(podType, podKey(name), {}, forever);
    await until(async () => (await presentContainers(engine.socketPath, 'burst-')) === 0);
    floors.push((await barePods(engine.socketPath, image, count, atOnce)) / 1_000);
  }
  figures[`${count}_pods_seconds`] = spread(seconds);
  floor[`engine_${count}_pods_seconds`] = spread(floors);
  ratios.push(spread(seconds).median / spread(floors).median);
}
print({
  bench: 'pod-burst',
  figures: { ...figures, load_1_minute: loadavg()[0] ?? 0 },
  floor,
  ratio: Math.max(...ratios),
});

async function until(probe: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await probe())) {
    if (performance.now() > deadline) throw new Error('gave up after 300 s');
    await sleep(50);
  }
}
