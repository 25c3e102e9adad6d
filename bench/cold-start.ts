/** Process start of the agent → its Node is Ready, the hub being up. */
import { nodes } from '@skerry/cloudhub/kube/resource';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { print, progress, spread } from './support/figures.ts';
import { benchHub } from './support/hub.ts';

const repeats = 5;

await using hub = await benchHub();
const seconds: number[] = [];
const floors: number[] = [];
for (let repeat = 1; repeat <= repeats; repeat++) {
  progress(`cold-start: repeat ${repeat} of ${repeats}`);
  const node = await hub.system.addNode({ log: { level: 'warn' } });
  const stop = new AbortController();
  const ready = untilReady(node.name, stop);
  const began = performance.now();
  const started = node.daemon.start();
  seconds.push(((await ready) - began) / 1_000);
  await started;
  await node.daemon.end('SIGTERM');
  floors.push(await bareNodeSeconds());
}
print({
  bench: 'cold-start',
  figures: { seconds: spread(seconds) },
  floor: { bare_node_seconds: spread(floors) },
  ratio: spread(seconds).median / spread(floors).median,
});

async function untilReady(name: string, stop: AbortController): Promise<number> {
  const { version } = await hub.api.list(nodes, { limit: 1 }, stop.signal);
  for await (const event of hub.api.watch(
    nodes,
    { from: version, timeoutSeconds: 60 },
    stop.signal,
  )) {
    if (event.type !== 'put') continue;
    const node = JSON.parse(event.object.toString()) as {
      metadata: { name: string };
      status?: { conditions?: { type: string; status: string }[] };
    };
    const conditions = node.status?.conditions ?? [];
    if (
      node.metadata.name === name &&
      conditions.some((one) => one.type === 'Ready' && one.status === 'True')
    ) {
      const at = performance.now();
      stop.abort();
      return at;
    }
  }
  throw new Error(`${name} did not become ready`);
}

/** What starting and ending a process of this runtime costs by itself. */
async function bareNodeSeconds(): Promise<number> {
  const began = performance.now();
  await once(spawn(process.execPath, ['-e', '0']), 'exit');
  return (performance.now() - began) / 1_000;
}
