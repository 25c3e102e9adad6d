/** A list of 10,000 pods: its first byte, all of it, who waits meanwhile, and what they cost in memory. */
import { setTimeout as sleep } from 'node:timers/promises';
import { benchDirectory, benchPod, startApi } from './support/api-process.ts';
import { print, progress, spread } from './support/figures.ts';
import { rawStore } from './support/floors.ts';
import { memoryOf } from './support/process-usage.ts';

const repeats = 5;
const pods = 10_000;
const writers = 64;
const path = '/api/v1/namespaces/default/pods';

await using directory = await benchDirectory();
await using api = await startApi(directory.path);
const before = await memoryOf(api.pid);
progress(`api-list: ${pods} pods`);
let next = 0;
const write = async (): Promise<void> => {
  while (next < pods) await api.ask('POST', path, benchPod(`pod-${next++}`));
};
await Promise.all(Array.from({ length: writers }, write));
const after = await memoryOf(api.pid);
const [firsts, wholes, waits]: [number[], number[], number[]] = [[], [], []];
let bytes = 0;
for (let repeat = 1; repeat <= repeats; repeat++) {
  const waiting = longestWait();
  const began = performance.now();
  const answer = await api.open(path);
  bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (bytes === 0) firsts.push(performance.now() - began);
    bytes += chunk.length;
  }
  wholes.push(performance.now() - began);
  waits.push(await waiting.end());
}

/** The longest that a small request takes until it is ended. */
function longestWait(): { end: () => Promise<number> } {
  const over = new AbortController();
  const waited = (async () => {
    let longest = 0;
    while (!over.signal.aborted) {
      const began = performance.now();
      await api.ask('GET', '/version');
      longest = Math.max(longest, performance.now() - began);
      await sleep(1);
    }
    return longest;
  })();
  return {
    end: () => {
      over.abort();
      return waited;
    },
  };
}

await using store = await rawStore();
await store.syncedBatch(Buffer.alloc(Math.floor(bytes / pods), 'x'), pods);
const floors: number[] = [];
for (let repeat = 1; repeat <= repeats; repeat++) floors.push(await store.readAll());
print({
  bench: 'api-list',
  figures: {
    first_byte_ms: spread(firsts),
    whole_ms: spread(wholes),
    others_wait_ms: spread(waits),
    bytes,
    rss_mib_of_10000_pods: (after.rss - before.rss) / 2 ** 20,
    anonymous_mib_of_10000_pods: (after.anonymous - before.anonymous) / 2 ** 20,
  },
  floor: { read_all_ms: spread(floors) },
  ratio: spread(wholes).median / spread(floors).median,
});
