import { join } from 'node:path';
import { configMaps, pods } from '@skerry/cloudhub/kube/resource';
import type { KubeClient } from '@skerry/cloudhub/kube/kube-client';
import { objectKey, version, type ObjectKey, type Version } from '@skerry/shared/names';
import { adminClient } from '../../test/support/admin-client.ts';
import { TestSystem, type TestNode } from '../../test/support/daemons.ts';
import type { DockerEngine } from '../../test/support/docker-engine.ts';
import { LinkProxy } from '../../test/support/link-proxy.ts';
import { benchEdge, type BenchEdge } from './bench-edge.ts';

/** A packaged hub with its embedded API, a client of that API, and the edge's link in this process. */
export interface BenchHub extends AsyncDisposable {
  readonly system: TestSystem;
  readonly api: KubeClient;
  /** Connects an edge named `node`, through a network that can be made bad where one is given. */
  edge(node: string, network?: LinkProxy): Promise<BenchEdge>;
  /** Starts an agent whose pods run on `engine`; it is Ready. */
  dockerNode(engine: DockerEngine): Promise<TestNode>;
  /** A network before the hub, good at first. */
  network(): Promise<LinkProxy>;
}

const forever = new AbortController().signal;
const namespace = 'default';
/** As `npm run package` makes it; `npm run bench` sees to it. */
const packageRoot = join(import.meta.dirname, '..', '..', 'dist', 'skerry');

export async function benchHub(): Promise<BenchHub> {
  await using opened = new AsyncDisposableStack();
  const hub = { log: { level: 'warn' } };
  const system = opened.use(await TestSystem.prepare({ package: packageRoot, hub }));
  await system.startHub();
  const pkiDirectory = join(system.directory, 'pki');
  const api = opened.use(await adminClient(system));
  const parted = opened.move();
  return {
    system,
    api,
    edge: (node, network) =>
      benchEdge({
        pkiDirectory,
        hubUrl: network ? `wss://127.0.0.1:${network.port}` : system.edgesUrl,
        node,
      }),
    dockerNode: async ({ socketPath }) => {
      const docker = { host: `unix://${socketPath}` };
      const node = await system.addNode({ log: { level: 'warn' }, docker });
      await node.daemon.start();
      await system.untilReady(node);
      return node;
    },
    network: () => {
      const { hostname: host, port } = new URL(system.edgesUrl);
      return LinkProxy.open({ target: { host, port: Number(port) } });
    },
    [Symbol.asyncDispose]: () => parted.disposeAsync(),
  };
}

/** `bytes` of text in one ConfigMap; returns its key. */
export function configMapKey(name: string): ObjectKey {
  return objectKey(configMaps.name, namespace, name);
}

export async function writeConfigMap(api: KubeClient, name: string, text: string): Promise<void> {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text } };
  await api.create(configMaps, namespace, object, forever);
}

/** Resolves with the version that the API gave the update. */
export async function updateConfigMap(
  api: KubeClient,
  name: string,
  text: string,
): Promise<Version> {
  const patch = { kind: 'merge' as const, body: { data: { text } } };
  const answer = await api.patch(configMaps, configMapKey(name), patch, forever);
  return versionOf(answer);
}

/** A pod bound to `node` that refers to ConfigMaps, so that they are placed there. */
export async function writePod(
  api: KubeClient,
  pod: {
    readonly name: string;
    readonly node: string;
    readonly configMaps?: readonly string[];
    readonly padding?: string;
  },
): Promise<Version> {
  const { name, node, configMaps: refers = [], padding } = pod;
  const annotations = padding === undefined ? {} : { annotations: { padding } };
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...annotations },
    spec: {
      nodeName: node,
      automountServiceAccountToken: false, // the bench counts what it has made
      containers: [
        {
          name: 'main',
          image: 'bench',
          envFrom: refers.map((map) => ({ configMapRef: { name: map } })),
        },
      ],
    },
  };
  return versionOf(await api.create(pods, namespace, object, forever));
}

export function podKey(name: string): ObjectKey {
  return objectKey(pods.name, namespace, name);
}

function versionOf(object: Buffer): Version {
  const { metadata } = JSON.parse(object.toString()) as { metadata: { resourceVersion: string } };
  return version(metadata.resourceVersion);
}

/** Runs `count` jobs, `atOnce` of them together. */
export async function pool(
  count: number,
  atOnce: number,
  job: (i: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await job(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
