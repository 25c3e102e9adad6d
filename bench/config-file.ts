/** API server has accepted a ConfigMap's change → the file in a running pod's volume has changed. */
import { watch } from 'node:fs';
import { mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pods } from '@skerry/cloudhub/kube/resource';
import { latencies, percentile, print, progress } from './support/figures.ts';
import { rawParts } from './support/floors.ts';
import { benchHub, podKey, updateConfigMap, writeConfigMap } from './support/hub.ts';

const repeats = 3;
const changes = 40;
const forever = new AbortController().signal;
const name = 'config-file';

await using hub = await benchHub();
await using raw = await rawParts();
const node = await hub.system.addNode({ log: { level: 'warn' } });
await node.daemon.start();
await hub.system.untilReady(node);
await writeConfigMap(hub.api, name, 'as made');
const spec = {
  nodeName: node.name,
  runtimeClassName: 'process',
  terminationGracePeriodSeconds: 0,
  containers: [
    {
      name: 'main',
      image: 'none',
      command: ['sleep', '100000'],
      volumeMounts: [{ name: 'site', mountPath: '/site' }],
    },
  ],
  volumes: [{ name: 'site', configMap: { name } }],
};
const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
await hub.api.create(pods, 'default', object, forever);
const { metadata } = await hub.system.kubectl.waitFor<{
  readonly metadata: { readonly uid: string };
  readonly status: { readonly phase?: string };
}>(['pod', name], ({ status }) => status.phase === 'Running');
const volume = join(node.dataDir, 'pods', metadata.uid, 'volumes', 'site');

const results: number[][] = [];
const floors: number[][] = [];
for (let repeat = 0; repeat <= repeats; repeat++) {
  progress(`config-file: ${repeat === 0 ? 'warming up' : `repeat ${repeat} of ${repeats}`}`);
  const [took, floor]: [number[], number[]] = [[], []];
  for (let i = 0; i < changes; i++) {
    const text = `text ${repeat} ${i} `.padEnd(2_048, 'x');
    const shown = shows(volume, text);
    await updateConfigMap(hub.api, name, text);
    const accepted = performance.now();
    took.push(Math.max(0, (await shown) - accepted));
    floor.push(await bareChange(text));
  }
  if (repeat === 0) continue;
  results.push(took);
  floors.push(floor);
}
await hub.api.delete(pods, podKey(name), {}, forever);
print({
  bench: 'config-file',
  figures: latencies('', results),
  floor: latencies('round_trip_sync_and_rename_', floors),
  ratio: percentile(results.flat(), 0.5) / percentile(floors.flat(), 0.5),
});

/** Resolves with when (`performance.now()`) the file was seen to hold `text`. */
function shows(directory: string, text: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const watcher = watch(directory, () => {
      readFile(join(directory, 'text'), 'utf8').then(
        (now) => {
          if (now !== text) return;
          watcher.close();
          resolve(performance.now());
        },
        () => undefined, // between two generations
      );
    });
    watcher.on('error', reject);
  });
}

/** One message there and back, one synced write, one file written and one link renamed. */
async function bareChange(text: string): Promise<number> {
  const payload = Buffer.from(text);
  const directory = await mkdtemp(join(tmpdir(), 'skerry-floor-'));
  try {
    const network = await raw.roundTrip(payload);
    const disk = await raw.syncedBatch(payload, 1);
    const began = performance.now();
    await writeFile(join(directory, 'text'), payload);
    await symlink('text', join(directory, 'next'));
    await rename(join(directory, 'next'), join(directory, 'current'));
    return network + disk + performance.now() - began;
  } finally {
    await rm(directory, { recursive: true });
  }
}
