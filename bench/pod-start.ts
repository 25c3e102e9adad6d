/** API server has accepted the pod → its process runs, one pod at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pods } from '@skerry/cloudhub/kube/resource';
import { importBusybox, startDockerEngine } from '../test/support/docker-engine.ts';
import {
  bareStart,
  presentContainers,
  runningContainers,
  startedAt,
  writeSleeper,
} from './support/containers.ts';
import { latencies, percentile, print, progress } from './support/figures.ts';
import { benchHub, podKey } from './support/hub.ts';

const repeats = 3;
const starts = 12;
const forever = new AbortController().signal;

await using engine = await startDockerEngine();
const image = await importBusybox(engine);
await using hub = await benchHub();
const node = await hub.dockerNode(engine);

const results: number[][] = [];
const floors: number[][] = [];
for (let repeat = 0; repeat <= repeats; repeat++) {
  progress(`pod-start: ${repeat === 0 ? 'warming up' : `repeat ${repeat} of ${repeats}`}`);
  const [took, floor]: [number[], number[]] = [[], []];
  for (let i = 0; i < (repeat === 0 ? 2 : starts); i++) {
    const name = `start-${repeat}-${i}`;
    await writeSleeper(hub.api, { name, node: node.name, image });
    const accepted = performance.timeOrigin + performance.now();
    took.push((await started(name)) - accepted);
    await hub.api.delete(pods, podKey(name), {}, forever);
    // the engine must be at rest: removing a network slows down making one
    await until(async () => (await presentContainers(engine.socketPath, name)) === 0);
    floor.push(await bareStart(engine.socketPath, image));
  }
  if (repeat === 0) continue;
  results.push(took);
  floors.push(floor);
}
print({
  bench: 'pod-start',
  figures: latencies('', results),
  floor: latencies('engine_create_start_', floors),
  ratio: percentile(results.flat(), 0.5) / percentile(floors.flat(), 0.5),
});

async function started(pod: string): Promise<number> {
  let id: string | undefined;
  await until(async () => {
    [id] = await runningContainers(engine.socketPath, pod);
    return id !== undefined;
  });
  return startedAt(engine.socketPath, id ?? '');
}

async function until(probe: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await probe())) {
    if (performance.now() > deadline) throw new Error('gave up after 30 s');
    await sleep(20);
  }
}
