import { cp, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeClient } from '@skerry/cloudhub/kube/kube-client';
import { adminClient } from '../support/admin-client.ts';
import { TestSystem, type TestNode } from '../support/daemons.ts';
import { LinkProxy } from '../support/link-proxy.ts';
import type { Journal } from './journal.ts';
import { Keeper } from './keeper.ts';
import { openSmallDisk, type SmallDisk } from './small-disk.ts';

const log = { level: 'info' };

/** A node whose only way to the hub is its own bad network. */
export interface ChaosNode {
  readonly name: string;
  readonly node: TestNode;
  readonly proxy: LinkProxy;
  readonly keeper: Keeper;
}

/** A hub and nodes as processes that are kept running, the first node on a small disk. */
export class ChaosSystem implements AsyncDisposable {
  readonly system: TestSystem;
  readonly api: KubeClient;
  readonly hub: Keeper;
  readonly nodes: readonly ChaosNode[];
  readonly disk: SmallDisk;
  readonly #opened: AsyncDisposableStack;

  private constructor(
    parts: Pick<ChaosSystem, 'system' | 'api' | 'hub' | 'nodes' | 'disk'>,
    opened: AsyncDisposableStack,
  ) {
    this.system = parts.system;
    this.api = parts.api;
    this.hub = parts.hub;
    this.nodes = parts.nodes;
    this.disk = parts.disk;
    this.#opened = opened;
  }

  /** Starts the hub and its agents. Everything is taken back when it is disposed of. */
  static async start(nodeCount: number, journal: Journal): Promise<ChaosSystem> {
    await using opened = new AsyncDisposableStack();
    const system = opened.use(await TestSystem.prepare({ hub: { log, heartbeatSeconds: 2 } }));
    await system.startHub();
    const hub = new Keeper('hub', system.hub, journal);
    await hub.start();
    const target = { host: '127.0.0.1', port: Number(new URL(system.edgesUrl).port) };
    const nodes: ChaosNode[] = [];
    let disk: SmallDisk | undefined;
    for (let i = 0; i < nodeCount; i++) {
      const proxy = opened.use(await LinkProxy.open({ target }));
      const node = await system.addNode({
        hub: { url: `wss://127.0.0.1:${proxy.port}`, redial: { firstMs: 50, maxMs: 500 } },
        docker: { host: `unix://${system.directory}/no-engine.sock` },
        log,
      });
      if (i === 0) disk = opened.use(await openSmallDisk(node.dataDir));
      const keeper = new Keeper(`edge-${i}`, node.daemon, journal, i === 0 ? disk : undefined);
      opened.defer(() => keeper.stop().then(() => undefined)); // before its disk is taken away
      await keeper.start();
      nodes.push({ name: node.name, node, proxy, keeper });
    }
    const api = opened.use(await adminClient(system));
    if (!disk) throw new Error('a system without nodes');
    return new ChaosSystem({ system, api, hub, nodes, disk }, opened.move());
  }

  get keepers(): Keeper[] {
    return [this.hub, ...this.nodes.map(({ keeper }) => keeper)];
  }

  /** Copies what the daemons wrote, so that it outlives them. */
  async keepLogs(directory: string): Promise<void> {
    const names = (await readdir(this.system.directory)).filter((name) => name.endsWith('.log'));
    for (const name of names) await cp(join(this.system.directory, name), join(directory, name));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

/** Processes and mounts that still name `directory`. */
export async function remainsOf(directory: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
  const commands = (await Promise.all(lines)).map((line) => line.replaceAll('\0', ' '));
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n');
  return [...commands, ...mounts].filter((line) => line.includes(directory));
}
