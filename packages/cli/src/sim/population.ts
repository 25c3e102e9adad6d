import type { KubeClient } from '@skerry/cloudhub/kube/kube-client';
import { AlreadyExists, NotFound } from '@skerry/cloudhub/kube/kube-errors';
import {
  deviceModels,
  devices,
  leases,
  nodes,
  type ResourceType,
} from '@skerry/cloudhub/kube/resource';
import { leaseKey } from '@skerry/cloudhub/upstream/lease-keeper';
import type { Clock } from '@skerry/shared/clock';
import { nodeName, type NodeName, type ObjectKey } from '@skerry/shared/names';
import type { Load } from './device-load.ts';
import {
  deviceKey,
  deviceManifest,
  modelKey,
  modelManifest,
  namespace,
  nodeKey,
} from './objects.ts';
import type { SimSettings } from './settings.ts';

/** Requests under way at once. */
const atOnce = 16;
const pageSize = 500;
/** A hub may still be writing what nodes said last: looked for until nothing came back so often in a row. */
const cleanLooks = 2;
const lookEveryMs = 1_000;

/** Who is to be simulated. */
export interface Census {
  readonly nodes: readonly NodeName[];
  /** By name, and at which node. */
  readonly devices: readonly { readonly name: string; readonly node: NodeName }[];
  /** The model of all devices. */
  readonly model: string;
  readonly load: Load;
}

/** Names of equal length, so that they sort as they count. Devices are dealt out to the nodes in turn. */
export function census({
  prefix,
  nodes: nodeCount,
  devices: deviceCount,
  load,
}: Pick<SimSettings, 'prefix' | 'nodes' | 'devices' | 'load'>): Census {
  const numbered = (kind: string, count: number): string[] =>
    Array.from({ length: count }, (_, i) => `${prefix}${kind}-${String(i + 1).padStart(5, '0')}`);
  const numberedNodes = numbered('', nodeCount).map(nodeName);
  return {
    nodes: numberedNodes,
    devices: numbered('-device', deviceCount).map((name, i) => ({
      name,
      node: numberedNodes[i % nodeCount] as NodeName,
    })),
    model: `${prefix}-device`,
    load,
  };
}

interface Made {
  readonly type: ResourceType;
  readonly key: ObjectKey;
}

/** What a simulation made in the cluster, and takes away when it ends. What was there before stays. */
export class Population {
  readonly #api: KubeClient;
  readonly #census: Census;
  /** Nodes that were there before. */
  readonly #settled: ReadonlySet<string>;
  readonly #made: Made[] = [];

  private constructor(api: KubeClient, census: Census, settled: ReadonlySet<string>) {
    this.#api = api;
    this.#census = census;
    this.#settled = settled;
  }

  /** Throws KubeError when the cluster cannot be asked. */
  static async find(api: KubeClient, census: Census, signal: AbortSignal): Promise<Population> {
    return new Population(api, census, new Set(await names(api, nodes, signal)));
  }

  /** Makes the devices and their model, unless they exist. */
  async settle(signal: AbortSignal): Promise<void> {
    const { devices: wanted, model, load } = this.#census;
    if (wanted.length === 0) return;
    await this.#make(deviceModels, modelKey(model), modelManifest(model, load), signal);
    await pool(wanted, ({ name, node }) =>
      this.#make(devices, deviceKey(name), deviceManifest(name, node, model), signal),
    );
  }

  /** Removes devices, the Nodes that the hub has registered, and their Leases; resolves with how many. */
  async remove(clock: Clock, signal: AbortSignal): Promise<number> {
    await pool(this.#made.toReversed(), ({ type, key }) => this.#delete(type, key, signal));
    let removed = this.#made.length;
    for (let clean = 0; clean < cleanLooks;) {
      const left = [
        ...(await this.#newcomers(nodes, signal)),
        ...(await this.#newcomers(leases, signal)),
      ];
      await pool(left, ({ type, key }) => this.#delete(type, key, signal));
      removed += left.length;
      clean = left.length === 0 ? clean + 1 : 0;
      if (clean < cleanLooks) await clock.sleep(lookEveryMs, signal);
    }
    return removed;
  }

  /** Nodes of the simulation that were not there before, or their Leases. */
  async #newcomers(type: ResourceType, signal: AbortSignal): Promise<readonly Made[]> {
    const present = new Set(await names(this.#api, type, signal));
    const keyOf = type === nodes ? nodeKey : leaseKey;
    return this.#census.nodes
      .filter((node) => present.has(node) && !this.#settled.has(node))
      .map((node) => ({ type, key: keyOf(node) }));
  }

  async #make(
    type: ResourceType,
    key: ObjectKey,
    object: object,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.#api.create(type, namespace, object, signal);
      this.#made.push({ type, key });
    } catch (error) {
      if (!(error instanceof AlreadyExists)) throw error;
    }
  }

  async #delete(type: ResourceType, key: ObjectKey, signal: AbortSignal): Promise<void> {
    await this.#api.delete(type, key, {}, signal).catch((error: unknown) => {
      if (!(error instanceof NotFound)) throw error;
    });
  }
}

async function names(api: KubeClient, type: ResourceType, signal: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  let next: string | undefined;
  do {
    const page = await api.list(type, { limit: pageSize, continue: next }, signal);
    for (const item of page.items) {
      const { metadata } = JSON.parse(item.toString('utf8')) as { metadata: { name: string } };
      found.push(metadata.name);
    }
    next = page.continue;
  } while (next !== undefined);
  return found;
}

async function pool<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}
