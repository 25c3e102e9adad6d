/** From the start of the process until the API serves, with 100,000 objects on its disk. */
import { join } from 'node:path';
import { openObjectStore } from '@skerry/apiserver/storage/object-store';
import { benchDirectory, benchPod, startApi } from './support/api-process.ts';
import { print, progress, spread } from './support/figures.ts';
import { rawStore } from './support/floors.ts';
import { memoryOf } from './support/process-usage.ts';

const repeats = 3;
const objects = 100_000;
const atOnce = 1_000;
const bytes = 2_000;

await using directory = await benchDirectory();
progress(`api-start: ${objects} objects`);
await write(join(directory.path, 'objects'));
const [starts, memory]: [number[], number[]] = [[], []];
for (let repeat = 1; repeat <= repeats; repeat++) {
  await using api = await startApi(directory.path);
  starts.push(api.startedMs / 1_000);
  memory.push((await memoryOf(api.pid)).rss / 2 ** 20);
}
await using raw = await rawStore();
for (let at = 0; at < objects; at += atOnce)
  await raw.syncedBatch(Buffer.alloc(bytes, 'x'), atOnce);
const floors: number[] = [];
for (let repeat = 1; repeat <= repeats; repeat++) floors.push((await raw.readAll()) / 1_000);

async function write(path: string): Promise<void> {
  await using store = await openObjectStore({ directory: path, now: () => Date.now() });
  const put = (name: string): Promise<unknown> => {
    const key = { resource: 'pods', namespace: 'default', name };
    return store.change(key, () => ({ do: 'put', object: benchPod(name) }));
  };
  for (let at = 0; at < objects; at += atOnce)
    await Promise.all(Array.from({ length: atOnce }, (_, next) => put(`pod-${at + next}`)));
}

print({
  bench: 'api-start',
  figures: { seconds: spread(starts), rss_mib: spread(memory), objects },
  floor: { read_all_seconds: spread(floors) },
  ratio: spread(starts).median / spread(floors).median,
});
