import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from './clock.ts';
import { latencyBucketsSeconds, type Metrics } from './metrics.ts';
import type { StoreOptions } from './store.ts';

/** What a store says of itself under the name `store`: its size, and how long commits take. */
export function measuredStore(
  { metrics, clock }: { readonly metrics: Metrics; readonly clock: Clock },
  { store, directory }: { readonly store: string; readonly directory: string },
): Required<Pick<StoreOptions, 'onCommit'>> {
  const spans = metrics.histogram(
    'store_commit_seconds',
    'Time to bring a batch of writes to the disk, synced, by what became of it.',
    latencyBucketsSeconds,
    ['store', 'outcome'],
  );
  metrics.gaugesOf('store_bytes', 'Size of a store on disk.', ['store'], async () => [
    [{ store }, await bytesIn(directory)],
  ]);
  return {
    onCommit: async (commit) => {
      const begun = clock.monotonic();
      let outcome = 'refused';
      try {
        await commit();
        outcome = 'committed';
      } finally {
        spans.observe((clock.monotonic() - begun) / 1_000, { store, outcome });
      }
    },
  };
}

/** Files come and go while they are counted. */
async function bytesIn(directory: string): Promise<number> {
  const names = await readdir(directory).catch(() => []);
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(directory, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
