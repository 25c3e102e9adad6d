/** A node's own API: one get, and a change until the last of 100 watchers knows it. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent, request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { pods } from '@skerry/cloudhub/kube/resource';
import { eventually } from '../test/support/eventually.ts';
import { processPod } from '../test/support/process-pod.ts';
import { latencies, percentile, print, progress, spread } from './support/figures.ts';
import { benchHub, writeConfigMap } from './support/hub.ts';

const repeats = 3;
const gets = 1_000;
const changes = 50;
const watchers = 100;
const name = 'local-api';
const path = `/api/v1/namespaces/default/configmaps/${name}`;
const forever = new AbortController().signal;
const connections = new Agent({ keepAlive: true, maxSockets: 1 });

await using hub = await benchHub();
const node = await hub.system.addNode({ log: { level: 'warn' }, pods: { atShutdown: 'stop' } });
await node.daemon.start();
await hub.system.untilReady(node);
await writeConfigMap(hub.api, name, 'x'.repeat(1_900));
const volumes = [{ name: 'site', configMap: { name } }];
await hub.api.create(pods, 'default', processPod(name, node.name, { volumes }), forever);
const token = await readFile(join(node.dataDir, 'local-api', 'admin.token'), 'utf8');
const object = await eventually('the object on the node', () => get(node.localPort));

interface Asking {
  readonly method?: string;
  readonly patch?: object;
  readonly agent?: Agent;
}

async function open(port: number, at: string, asking: Asking = {}): Promise<IncomingMessage> {
  const { method = 'GET', patch, agent } = asking;
  const headers = {
    authorization: `Bearer ${token}`,
    ...(patch && { 'content-type': 'application/merge-patch+json' }),
  };
  const asked = request({
    host: '127.0.0.1',
    port,
    path: at,
    method,
    headers,
    agent: agent ?? false,
  });
  asked.end(patch && JSON.stringify(patch));
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  if (answer.statusCode !== 200) throw new Error(`${at} answered ${answer.statusCode ?? 0}`);
  return answer;
}

async function get(port: number): Promise<string> {
  const answer = await open(port, path, { agent: connections });
  let text = '';
  for await (const chunk of answer as AsyncIterable<Buffer>) text += chunk.toString('utf8');
  return text;
}

async function timesOf(port: number): Promise<number[]> {
  const taken: number[] = [];
  for (let at = 0; at < gets; at++) {
    const began = performance.now();
    await get(port);
    taken.push(performance.now() - began);
  }
  return taken;
}

const floorServer = new Worker(new URL('./support/level-http.ts', import.meta.url), {
  workerData: { directory: join(hub.system.directory, 'floor'), value: object },
});
const [floorPort] = (await once(floorServer, 'message')) as [number];
const [got, floors]: [number[][], number[]] = [[], []];
for (let repeat = 1; repeat <= repeats; repeat++) {
  progress(`local-api: gets, repeat ${repeat} of ${repeats}`);
  got.push(await timesOf(node.localPort));
  floors.push(percentile(await timesOf(floorPort), 0.5));
}
floorServer.postMessage('end');

const watching: IncomingMessage[] = [];
let told = 0;
let wanted = { value: '', done: (): void => undefined };
for (let at = 0; at < watchers; at++) {
  const watch = `/api/v1/configmaps?watch=1&fieldSelector=metadata.name%3D${name}`;
  const answer = await open(node.localPort, watch);
  watching.push(answer);
  answer.on('error', () => undefined); // the end of the bench
  const lines = createInterface({ input: answer });
  lines.on('line', (line) => {
    if (line.includes(`"bench":"${wanted.value}"`) && ++told === watchers) wanted.done();
  });
}
const fanned: number[][] = [];
for (let repeat = 1; repeat <= repeats; repeat++) {
  progress(`local-api: ${watchers} watchers, repeat ${repeat} of ${repeats}`);
  const taken: number[] = [];
  for (let at = 0; at < changes; at++) {
    const all = Promise.withResolvers<undefined>();
    told = 0;
    const value = `v${repeat}-${at}`;
    wanted = { value, done: () => all.resolve(undefined) };
    const began = performance.now();
    const patch = { metadata: { labels: { bench: value } } };
    (await open(node.localPort, path, { method: 'PATCH', patch })).resume();
    await all.promise;
    taken.push(performance.now() - began);
  }
  fanned.push(taken);
}
for (const answer of watching) answer.destroy();
connections.destroy();
const floor = spread(floors);
print({
  bench: 'local-api',
  figures: { ...latencies('get_', got), ...latencies(`watchers_${watchers}_`, fanned) },
  floor: { level_get_http_p50_ms: floor },
  ratio: percentile(got.flat(), 0.5) / floor.median,
});
