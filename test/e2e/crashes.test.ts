import { join } from 'node:path';
import { MetaStore } from '@skerry/edgecore/meta/meta-store';
import { openStore } from '@skerry/shared/store';
import { beforeAll, describe, expect, it } from 'vitest';
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

function mapOf(name: string, value: string): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } };
}

const running = (): Promise<unknown> =>
  site.system.kubectl.waitFor<{ status: { phase?: string } }>(
    ['pod', 'reader'],
    ({ status }) => status.phase === 'Running',
  );

/** `updates` updates of the maps by kubectl, each round deleting one first; `midway` happens among them. */
async function updateMaps(run: string, midway: () => Promise<void>): Promise<void> {
  const { kubectl } = site.system;
  const again = (what: string, ask: () => Promise<string>): Promise<boolean> =>
    eventually(`kubectl ${what} to be answered`, async () => {
      await ask();
      return true;
    });
  const isMidway = Promise.withResolvers<undefined>();
  const write = async (): Promise<void> => {
    for (let i = 0; i < updates; i += names.length) {
      if (i >= updates / 2) isMidway.resolve(undefined);
      const gone = names[i % 7] ?? '';
      await again('delete', () => kubectl.run(['delete', 'configmap', gone, '--ignore-not-found']));
      const maps = names.map((name, j) => mapOf(name, `${run}-${i + j}`));
      await again('apply', () => kubectl.apply(maps));
    }
  };
  await Promise.all([write(), isMidway.promise.then(midway)]);
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
