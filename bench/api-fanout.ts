/** A change until the last of 1 and of 1,000 watchers knows it. */
import { createInterface } from 'node:readline';
import { benchDirectory, startApi } from './support/api-process.ts';
import { latencies, percentile, print, progress, spread, type Spread } from './support/figures.ts';
import { rawParts } from './support/floors.ts';

const repeats = 3;
const changes = 100;
const crowds = [1, 1_000] as const;
const path = '/api/v1/namespaces/default/configmaps';

await using directory = await benchDirectory();
await using api = await startApi(directory.path);
await using raw = await rawParts();
await api.ask('POST', path, configMap('0'));
const figures: Record<string, Spread> = {};
const floors: number[] = [];
let told = 0;
let wanted = { count: 0, value: '', done: (): void => undefined };

function configMap(value: string): object {
  const data = { value, padding: 'x'.repeat(1_900) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'busy' }, data };
}

async function follow(): Promise<() => void> {
  const answer = await api.open(`${path}?watch=1&fieldSelector=metadata.name%3Dbusy`);
  const lines = createInterface({ input: answer });
  lines.on('line', (line) => {
    if (line.includes(`"value":"${wanted.value}"`) && ++told === wanted.count) wanted.done();
  });
  answer.on('error', () => undefined); // the end of the bench
  return () => answer.destroy();
}

/** Milliseconds from the request to write it until all have been told. */
async function change(count: number, value: string): Promise<number> {
  const all = Promise.withResolvers<undefined>();
  told = 0;
  wanted = { count, value, done: () => all.resolve(undefined) };
  const began = performance.now();
  await Promise.all([api.ask('PUT', `${path}/busy`, configMap(value)), all.promise]);
  return performance.now() - began;
}

for (const crowd of crowds) {
  progress(`api-fanout: ${crowd} watchers`);
  const watchers: (() => void)[] = [];
  for (let at = 0; at < crowd; at++) watchers.push(await follow());
  const samples: number[][] = [];
  for (let repeat = 1; repeat <= repeats; repeat++) {
    const taken: number[] = [];
    for (let at = 0; at < changes; at++)
      taken.push(await change(crowd, `${crowd}-${repeat}-${at}`));
    samples.push(taken);
  }
  Object.assign(figures, latencies(`watchers_${crowd}_`, samples));
  for (const leave of watchers) leave();
}
for (let repeat = 1; repeat <= repeats; repeat++) {
  const taken: number[] = [];
  for (let at = 0; at < changes; at++)
    taken.push(await raw.syncedBatch(Buffer.alloc(2_000, 'x'), 1));
  floors.push(percentile(taken, 0.5));
}
print({
  bench: 'api-fanout',
  figures,
  floor: { synced_write_p50_ms: spread(floors) },
  ratio: (figures['watchers_1000_p50_ms']?.median ?? 0) / spread(floors).median,
});
