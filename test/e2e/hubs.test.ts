import { execFile } from 'node:child_process';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kubeconfigIn } from '@skerry/edgecore/localapi/credentials';
import { MetaStore } from '@skerry/edgecore/meta/meta-store';
import { objectKey, resourceName } from '@skerry/shared/names';
import { openStore } from '@skerry/shared/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestSystem, showLogsOfFailures, type TestHub, type TestNode } from '../support/daemons.ts';
import { eventually } from '../support/eventually.ts';
import { Kubectl } from '../support/kubectl.ts';
import { processPod } from '../support/process-pod.ts';

/** Far more than a busy machine lets a node wait between two beats. */
const graceSeconds = 10;

let opened: AsyncDisposableStack;
let system: TestSystem;

beforeEach(async () => {
  opened = new AsyncDisposableStack();
  system = opened.use(
    await TestSystem.prepare({
      hub: { heartbeatSeconds: 1, nodeMonitorGraceSeconds: graceSeconds },
    }),
  );
  await system.startHub();
});
afterEach(() => opened.disposeAsync());
showLogsOfFailures(() => system);

interface NodeSync {
  readonly status?: {
    readonly inSync: boolean;
    readonly hub: string;
    readonly session: string;
  };
}

interface Lease {
  readonly spec: { readonly renewTime: string };
}

/** Until the node is level, and says so through this hub, in another session than `before`. */
function untilLevel(
  { name }: TestNode,
  { edgesUrl }: { readonly edgesUrl: string },
  before?: NodeSync,
): Promise<NodeSync> {
  const { port } = new URL(edgesUrl);
  return system.kubectl.waitFor<NodeSync>(
    ['nodesync', name],
    ({ status }) =>
      status?.inSync === true &&
      status.hub.endsWith(`:${port}`) &&
      status.session !== before?.status?.session,
  );
}

/** Until a hub has heard of the node later than `time`, milliseconds since the epoch. */
async function untilLeaseBeyond({ name }: TestNode, time: number): Promise<void> {
  await system.kubectl.waitFor<Lease>(
    ['lease', name, '-n', 'kube-node-lease'],
    ({ spec }) => Date.parse(spec.renewTime) > time,
  );
}

function settings(name: string, value: string): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value } };
}

/** A pod for whose sake the ConfigMap is on the node. */
function userOf(config: string, node: string): object {
  const container = { name: 'main', image: 'none', command: ['sleep', '1000'] };
  const env = [{ name: 'VALUE', valueFrom: { configMapKeyRef: { name: config, key: 'value' } } }];
  return processPod(`user-of-${config}`, node, { containers: [{ ...container, env }] });
}

/** What the stopped agent has on its disk of the ConfigMap. */
async function heldValue({ dataDir }: TestNode, name: string): Promise<string | undefined> {
  await using store = await openStore(join(dataDir, 'meta'), { whenCorrupt: 'fail', now: () => 0 });
  const meta = await MetaStore.open(store);
  const held = await meta.get(objectKey(resourceName('configmaps'), 'default', name));
  if (!held) return undefined;
  return (JSON.parse(Buffer.from(held.object).toString()) as { data: { value: string } }).data
    .value;
}

/** Notes every state of the node's Ready condition from now on. */
function watchReady({ name }: TestNode): { readonly states: Set<string> } & Disposable {
  const states = new Set<string>();
  const path = '{.status.conditions[?(@.type=="Ready")].status}{"\\n"}';
  const child = execFile('kubectl', [
    ...['--kubeconfig', system.kubectl.kubeconfig],
    ...['get', 'node', name, '--watch', '-o', `jsonpath=${path}`],
  ]);
  child.stdout?.on('data', (text: string) => {
    for (const state of text.split('\n').filter(Boolean)) states.add(state);
  });
  return { states, [Symbol.dispose]: () => void child.kill() };
}

describe('two hubs of one cluster', () => {
  let [one, two]: TestHub[] = [];
  let node: TestNode;

  beforeEach(async () => {
    [one, two] = [await system.addHub(), await system.addHub()];
    const redial = { firstMs: 50, maxMs: 500 };
    node = await system.addNode({
      hub: { url: one.edgesUrl, alternates: [two.edgesUrl], redial },
    });
    await Promise.all([one.daemon.start(), two.daemon.start(), node.daemon.start()]);
    await system.untilReady(node);
    await system.kubectl.apply([settings('shared', 'first'), userOf('shared', node.name)]);
    await untilLevel(node, one);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'serve a node on when the one it is connected to ends by %s',
    async (signal) => {
      using ready = watchReady(node);
      await eventually('its first state', () => ready.states.size === 1);
      const [, ended] = await Promise.all([
        system.kubectl.apply(settings('shared', 'second')),
        one!.daemon.end(signal),
      ]);
      expect(ended).toBe(signal === 'SIGTERM' ? 0 : null);
      await untilLevel(node, two!);
      await system.kubectl.apply(settings('shared', 'third'));
      await untilLeaseBeyond(node, Date.now() + graceSeconds * 1000);
      await untilLevel(node, two!);
      expect([...ready.states]).toEqual(['True']);
      await node.daemon.end('SIGTERM');
      expect(await heldValue(node, 'shared')).toBe('third');
    },
  );
});

function localApi({ dataDir }: TestNode): Kubectl {
  return new Kubectl(kubeconfigIn(dataDir));
}

/** Until the running agent holds the ConfigMap with this value, as its own API tells. */
function untilHolding(node: TestNode, name: string, value: string): Promise<unknown> {
  return localApi(node).waitFor<{ data: { value: string } }>(
    ['configmap', name],
    ({ data }) => data.value === value,
  );
}

/** A way to keep what the hub's cluster holds, and to put it back; both leave the hub running. */
interface BackupWay {
  readonly take: () => Promise<unknown>;
  readonly putBack: () => Promise<unknown>;
}

/** What operators do: the commands, one of them while the hub runs. It remembers what it had seen. */
function byCommands(): BackupWay {
  const file = join(system.directory, 'monday.backup');
  return {
    take: () => skerry('backup', '--kubeconfig', system.kubectl.kubeconfig, '--to', file),
    putBack: async () => {
      await system.hub.end('SIGTERM');
      await skerry('restore', '--from', file, '--data-dir', join(system.directory, 'cloudhub'));
      await system.hub.start();
    },
  };
}

/** A snapshot of the hub's disk: of what came after it only the nodes know. */
function byDisk(): BackupWay {
  const [live, copy] = [join(system.directory, 'cloudhub'), join(system.directory, 'copy')];
  const whileStopped = async (work: () => Promise<unknown>): Promise<void> => {
    await system.hub.end('SIGTERM');
    await work();
    await system.hub.start();
  };
  return {
    take: () => whileStopped(() => cp(live, copy, { recursive: true })),
    putBack: () =>
      whileStopped(async () => {
        await rm(live, { recursive: true });
        await cp(copy, live, { recursive: true });
      }),
  };
}

function skerry(...words: string[]): Promise<unknown> {
  const program = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'skerry.js');
  return promisify(execFile)(process.execPath, [program, ...words]);
}

describe('a cluster restored from a backup', () => {
  it.each([
    ['skerry backup and skerry restore', byCommands],
    ['a copy of the disk of its hub', byDisk],
  ])('is what its nodes hold: by %s', async (_how, way) => {
    const { take, putBack } = way();
    const node = await system.addNode();
    await node.daemon.start();
    await system.untilReady(node);
    await system.kubectl.apply([settings('kept', 'old'), userOf('kept', node.name)]);
    const atBackup = await untilLevel(node, system);

    await take();
    await system.kubectl.apply([settings('kept', 'newer'), settings('lost', 'never was')]);
    await system.kubectl.apply(userOf('lost', node.name));
    await untilHolding(node, 'kept', 'newer');
    await untilHolding(node, 'lost', 'never was');

    await putBack();
    await untilLevel(node, system, atBackup);
    await untilHolding(node, 'kept', 'old');
    await eventually('the end of what is lost', async () => {
      const held = await localApi(node).run(['get', 'configmaps', '-o', 'name']);
      return !held.includes('configmap/lost');
    });
    await node.daemon.end('SIGTERM');
    expect(await heldValue(node, 'kept')).toBe('old');
    expect(await heldValue(node, 'lost')).toBeUndefined();
  });
});
