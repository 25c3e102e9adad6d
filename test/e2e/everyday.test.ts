import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { logsOf, runningContainer } from '../support/containers.ts';
import { eventually, patienceMs } from '../support/eventually.ts';
import { useSite } from '../support/site.ts';

const manifests = join(import.meta.dirname, '..', '..', 'examples', 'everyday');
const site = useSite();

interface Pods {
  readonly items: readonly Pod[];
}

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

interface Slices {
  readonly items: readonly {
    readonly endpoints?: readonly {
      readonly addresses: readonly string[];
      readonly conditions: { readonly ready: boolean };
    }[];
  }[];
}

const kubectl = (...words: readonly string[]): Promise<string> => site.system.kubectl.run(words);
const applied = (file: string): Promise<string> => kubectl('apply', '-f', join(manifests, file));
const podsOf = async (selector: string): Promise<readonly Pod[]> =>
  (await site.system.kubectl.json<Pods>('get', 'pods', '-l', selector)).items.filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined,
  );
/** Where the Service leads now, and whether it should. */
const endpoints = async (): Promise<ReadonlyMap<string, boolean>> => {
  const selector = 'kubernetes.io/service-name=web';
  const slices = await site.system.kubectl.json<Slices>('get', 'endpointslices', '-l', selector);
  const all = slices.items.flatMap(({ endpoints = [] }) => endpoints);
  return new Map(all.map(({ addresses, conditions }) => [addresses[0] ?? '', conditions.ready]));
};
const page = async (address: string): Promise<string> =>
  (await fetch(`http://${address}:8080/index.html`, { keepalive: false })).text();
/** Runs a command in the one container of a pod, past everything of ours. */
const within = async (pod: string, ...command: readonly string[]): Promise<void> => {
  const id = await runningContainer(site.engine, pod, 'httpd');
  await docker('exec', id, ...command);
};
const docker = (...words: readonly string[]): Promise<unknown> =>
  promisify(execFile)('docker', ['-H', `unix://${site.engine.socketPath}`, ...words]);

/** The image that the manifests name; one that the engine had before is taken as it is. */
beforeAll(async () => {
  const image = 'busybox:1.36';
  if (await docker('image', 'inspect', image).then(Boolean, () => false)) return;
  await docker('tag', site.image, image);
  site.engine.images.add(image);
});

describe('manifests that people have already', { timeout: 4 * patienceMs }, () => {
  it('serve pages, and follow their ConfigMap', async () => {
    await applied('web.yaml');
    await kubectl('rollout', 'status', 'deploy/web', '--timeout=90s');
    const leads = await eventually('two endpoints', async () => {
      const all = await endpoints();
      return all.size === 2 && [...all.values()].every(Boolean) && [...all.keys()];
    });
    for (const address of leads) expect(await page(address)).toBe('hello from the edge\n');
    const data = JSON.stringify({ data: { 'index.html': 'changed' } });
    await kubectl('patch', 'configmap', 'web', '-p', data);
    for (const address of leads)
      await eventually('the changed page', async () => (await page(address)) === 'changed');
  });

  it('lead nobody to a pod that is not ready, and say why it is not', async () => {
    const [pod] = await podsOf('app=web');
    const { name } = pod?.metadata ?? { name: '' };
    const address = pod?.status.podIP ?? '';
    await within(name, 'touch', '/tmp/closed');
    await eventually('an endpoint less', async () => (await endpoints()).get(address) === false);
    expect(await kubectl('get', 'pod', name, '--no-headers')).toMatch(/ 0\/1 +Running +0 /);
    await eventually('its Event', async () =>
      /Warning +Unhealthy .*Readiness probe failed/.test(await kubectl('describe', 'pod', name)),
    );
    await within(name, 'rm', '/tmp/closed');
    await eventually('the endpoint', async () => (await endpoints()).get(address) === true);
  });

  it('roll over without a moment in which nobody serves', async () => {
    const before = new Set((await podsOf('app=web')).map(({ metadata }) => metadata.name));
    await kubectl('set', 'env', 'deploy/web', 'EDITION=second');
    const serving: number[] = [];
    await eventually('the new pods', async () => {
      serving.push([...(await endpoints()).values()].filter(Boolean).length);
      const names = (await podsOf('app=web')).map(({ metadata }) => metadata.name);
      return names.length === 2 && names.every((name) => !before.has(name));
    });
    expect(Math.min(...serving)).toBeGreaterThanOrEqual(2);
    expect(await kubectl('rollout', 'status', 'deploy/web', '--timeout=90s')).toMatch(
      /successfully rolled out\n$/,
    );
  });

  it('restart what a liveness probe finds dead, and say so', async () => {
    const data = JSON.stringify({ data: { 'index.html': null, 'other.html': 'here' } });
    await kubectl('patch', 'configmap', 'web', '-p', data);
    const [pod] = await podsOf('app=web');
    const { name } = pod?.metadata ?? { name: '' };
    await site.system.kubectl.waitFor<Pod>(
      ['pod', name],
      ({ status }) => (status.containerStatuses?.[0]?.restartCount ?? 0) >= 1,
    );
    const described = await kubectl('describe', 'pod', name);
    expect(described).toMatch(
      /Unhealthy .*Liveness probe failed: HTTP probe failed with statuscode: 404/,
    );
    expect(described).toMatch(/Killing .*failed liveness probe, will be restarted/);
    await kubectl('delete', '-f', join(manifests, 'web.yaml'), '--timeout=90s');
  });

  it('finish a Job whose pods have a sidecar', async () => {
    await applied('sidecar.yaml');
    await kubectl('wait', '--for=condition=Complete', 'job/backup', '--timeout=90s');
    expect(await kubectl('get', 'job', 'backup', '--no-headers')).toMatch(
      /^backup +Complete +2\/2 /,
    );
    const pods = await podsOf('job-name=backup');
    expect(pods.map(({ status }) => status.phase)).toEqual(['Succeeded', 'Succeeded']);
  });

  it('watch every node, and do what is scheduled', async () => {
    await applied('watch.yaml');
    await kubectl('rollout', 'status', 'ds/watch', '--timeout=90s');
    const [watcher] = await podsOf('app=watch');
    const id = await runningContainer(site.engine, watcher?.metadata.name ?? '');
    expect(await logsOf(site.engine, id)).toBe(`watching ${site.node.name} from watch\n`);
    await eventually('a run', async () => {
      const events = await kubectl('get', 'events', '--field-selector', 'reason=SawCompletedJob');
      return events.includes('cronjob/tidy');
    });
    await kubectl('delete', '-f', join(manifests, 'watch.yaml'), '--timeout=90s');
  });
});
