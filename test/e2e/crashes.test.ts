import { join } from 'node:path';
import type { KubeClient } from '@skerry/cloudhub/kube/kube-client';
import { NotFound } from '@skerry/cloudhub/kube/kube-errors';
import { configMaps } from '@skerry/cloudhub/kube/resource';
import { MetaStore } from '@skerry/edgecore/meta/meta-store';
import { objectKey, type ObjectKey } from '@skerry/shared/names';
import { openStore } from '@skerry/shared/store';
import { beforeAll, describe, expect, it } from 'vitest';
import { adminClient } from '../support/admin-client.ts';
import { containersOf, runningContainer } from '../support/containers.ts';
import { ask } from '../support/docker-engine.ts';
import { eventually } from '../support/eventually.ts';
import { useSite } from '../support/site.ts';

const updates = 200;
const names = Array.from({ length: 10 }, (_, i) => `map-${i}`);
const site = useSite();

beforeAll(async () => {
  const maps = names.map((name) => mapOf(name, 'start'));
  const envFrom = names.map((name) => ({ configMapRef: { name } }));
  const container = {
    name: 'main',
    image: site.image,
    imagePullPolicy: 'Never',
    command: ['sleep', '100000'],
    envFrom,
  };
  const spec = {
    nodeName: site.node.name,
    automountServiceAccountToken: false, // what the node holds is compared with these maps
    terminationGracePeriodSeconds: 0,
    containers: [container],
  };
  await site.system.kubectl.apply([
    ...maps,
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'reader' }, spec },
  ]);
  await running();
});

function mapOf(
  name: string,
  value: string,
): { readonly metadata: { readonly name: string }; readonly data: { readonly value: string } } {
  const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
  return { ...kind, metadata: { name }, data: { value } };
}

const running = (): Promise<unknown> =>
  site.system.kubectl.waitFor<{ status: { phase?: string } }>(
    ['pod', 'reader'],
    ({ status }) => status.phase === 'Running',
  );

/** `updates` updates of the maps, with a deletion before each round; `midway` happens among them. */
async function updateMaps(run: string, midway: () => Promise<void>): Promise<void> {
  const api = await adminClient(site.system);
  const isMidway = Promise.withResolvers<undefined>();
  const write = async (): Promise<void> => {
    for (let i = 0; i < updates; i++) {
      const name = names[i % names.length] ?? '';
      if (i % names.length === 0) await untilDone(() => remove(api, name));
      if (i === updates / 2) isMidway.resolve(undefined);
      await untilDone(() => put(api, mapOf(name, `${run}-${i}`)));
    }
  };
  await Promise.all([write(), isMidway.promise.then(midway)]);
}

/** While the API is away, it is asked again. */
function untilDone(write: () => Promise<unknown>): Promise<boolean> {
  return eventually('a write to be answered', () => write().then(() => true));
}

const forever = new AbortController().signal;
const keyOf = (name: string): ObjectKey => objectKey(configMaps.name, 'default', name);

async function remove(api: KubeClient, name: string): Promise<void> {
  try {
    await api.delete(configMaps, keyOf(name), {}, forever);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error; // an answer that was lost
  }
}

async function put(api: KubeClient, map: ReturnType<typeof mapOf>): Promise<void> {
  const patch = { kind: 'merge', body: { data: map.data } } as const;
  try {
    await api.patch(configMaps, keyOf(map.metadata.name), patch, forever);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
    await api.create(configMaps, 'default', map, forever);
  }
}

interface Listed {
  readonly items: readonly {
    readonly metadata: {
      readonly name: string;
      readonly uid: string;
      readonly resourceVersion: string;
    };
  }[];
}

async function inCluster(): Promise<string[]> {
  const { items } = await site.system.kubectl.json<Listed>('get', 'configmaps');
  return items
    .filter(({ metadata }) => names.includes(metadata.name))
    .map(
      ({ metadata }) =>
        `configmaps/default/${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`,
    )
    .toSorted();
}

/** What is on the node's disk, read while the agent is down. */
async function atEdge(): Promise<string[]> {
  await using store = await openStore(join(site.node.dataDir, 'meta'), {
    whenCorrupt: 'fail',
    now: Date.now,
  });
  const meta = await MetaStore.open(store);
  return [...meta.held()]
    .filter(({ key }) => key.startsWith('configmaps/'))
    .map(({ key, uid, version }) => `${key} ${uid} ${String(version)}`)
    .toSorted();
}

async function untilEqual(): Promise<void> {
  await eventually('both sides equal', async () => {
    const pending = await pendingAtHub();
    if (pending !== 0) return false;
    await site.node.daemon.end('SIGTERM');
    const held = await atEdge();
    await site.node.daemon.start();
    expect(held).toEqual(await inCluster());
    return true;
  });
}

/** Changes that the hub has sent or is about to; undefined while the node is not connected. */
async function pendingAtHub(): Promise<number | undefined> {
  const text = await (await fetch(`http://127.0.0.1:${site.system.hubMetricsPort}/metrics`)).text();
  const gauge = (name: string): number =>
    Number(new RegExp(`^skerry_hub_${name} (\\d+)`, 'm').exec(text)?.[1]);
  return gauge('sessions') === 1 ? gauge('pending_changes') + gauge('inflight_changes') : undefined;
}

describe('with processes that are killed', () => {
  it(`loses nothing of ${updates} updates when the hub is killed among them`, async () => {
    await updateMaps('hub', () => site.system.hub.crashAndRestart());
    await untilEqual();
  });

  it(`loses nothing of ${updates} updates when the agent is killed among them`, async () => {
    await updateMaps('agent', () => site.node.daemon.crashAndRestart());
    await untilEqual();
  });

  it('adopts the containers that run when the agent comes back', async () => {
    const before = await runningContainer(site.engine, 'reader');
    await site.node.daemon.crashAndRestart();
    await site.system.untilReady(site.node);
    await running();
    expect(await runningContainer(site.engine, 'reader')).toBe(before);
  });

  it('brings the pods back when the agent starts with the hub down', async () => {
    await site.system.hub.end('SIGKILL');
    await site.node.daemon.end('SIGKILL');
    const id = await runningContainer(site.engine, 'reader');
    await ask(site.engine.socketPath, 'POST', `/containers/${id}/kill`); // as after a reboot
    await site.node.daemon.start();
    await eventually('the pod without a hub', () => runningContainer(site.engine, 'reader'));
    await site.system.hub.start();
    await site.system.untilReady(site.node);
  });

  it('removes what was deleted while the agent was down', async () => {
    await site.node.daemon.end('SIGKILL');
    await site.system.kubectl.run([
      'delete',
      'pod',
      'reader',
      '--grace-period=0',
      '--force',
      '--wait=false',
    ]);
    await site.node.daemon.start();
    await eventually(
      'no container',
      async () => (await containersOf(site.engine, 'reader')).length === 0,
    );
  });
});
