import type { KubeApi } from '@skerry/cloudhub/kube/kube-api';
import { nodeSyncs } from '@skerry/cloudhub/kube/resource';
import type { NodeSyncStatus } from '@skerry/cloudhub/sync/node-sync';
import type { HeldVersion } from '@skerry/shared/change';
import { HeldSet } from '@skerry/shared/delivery/held-set';
import { objectKey } from '@skerry/shared/names';
import type { ChaosNode, ChaosSystem } from './chaos-system.ts';
import { differences, heldOnDisk, placedOn, readCluster } from './comparison.ts';
import { reported, type Device } from './device-watch.ts';
import { keyOf, typeOf } from './objects.ts';
import { meterNames } from './writes.ts';

/** What every meter must show at the end. */
export interface Final {
  readonly counts: number;
  /** By name of the meter. */
  readonly targets: ReadonlyMap<string, number>;
}

/** Why the system has not come to rest; empty when it has, and both sides say so. */
export async function unrest(
  { api, nodes, system }: ChaosSystem,
  final: Final,
  signal: AbortSignal,
): Promise<string[]> {
  const flaws: string[] = [];
  for (const { node } of nodes) {
    const pending = (await metricsOf(node.metricsPort)).get('skerry_edge_reports_pending');
    if (pending !== 0) flaws.push(`${node.name} has ${pending ?? '?'} reports pending`);
    for (const name of meterNames(node.name))
      flaws.push(...(await meterFlaws(api, name, final, signal)));
  }
  const pending = (await metricsOf(system.hubMetricsPort)).get('skerry_hub_pending_changes');
  if (pending !== 0) flaws.push(`the hub has ${pending ?? '?'} changes pending`);
  const cluster = await readCluster(api, signal);
  for (const node of nodes)
    flaws.push(...(await syncFlaws(api, node, placedOn(cluster, node.name), signal)));
  return flaws;
}

async function meterFlaws(
  api: KubeApi,
  name: string,
  { counts, targets }: Final,
  signal: AbortSignal,
): Promise<string[]> {
  const read = await api.get(typeOf.meter, keyOf('meter', name), signal);
  const device = JSON.parse(read.toString()) as Device;
  const is = [reported(device, 'count'), reported(device, 'target')];
  const should = [counts, targets.get(name)];
  return is.join() === should.join() ? [] : [`${name} shows ${is.join()}, not ${should.join()}`];
}

/** What the hub says of a node, against what the cluster has. */
async function syncFlaws(
  api: KubeApi,
  { name }: ChaosNode,
  placed: readonly HeldVersion[],
  signal: AbortSignal,
): Promise<string[]> {
  const read = await api.get(nodeSyncs, objectKey(nodeSyncs.name, '', name), signal);
  const { status } = JSON.parse(read.toString()) as { status?: NodeSyncStatus };
  const digest = Buffer.from(new HeldSet(placed).digest()).toString('hex');
  if (status?.inSync && status.pending === 0 && status.unapplied === 0 && status.digest === digest)
    return [];
  const { conditions: _, ...shown } = status ?? { conditions: [] };
  return [`${name} is ${JSON.stringify(shown)}, the digest should be ${digest}`];
}

export interface Disks {
  /** Objects on each node's disk. */
  readonly held: Readonly<Record<string, number>>;
  /** A line for each object that is not the same on both sides. */
  readonly differences: readonly string[];
  /** Of the agents. */
  readonly exitCodes: readonly (number | null)[];
}

/** Ends the agents and compares what is on their disks with the cluster. */
export async function compareDisks(
  { api, nodes }: ChaosSystem,
  signal: AbortSignal,
): Promise<Disks> {
  const exitCodes = await Promise.all(nodes.map(({ keeper }) => keeper.stop()));
  const cluster = await readCluster(api, signal);
  const held: Record<string, number> = {};
  const found: string[] = [];
  for (const { keeper, node } of nodes) {
    const there = await heldOnDisk(node.dataDir);
    held[keeper.name] = there.length;
    found.push(
      ...differences(placedOn(cluster, node.name), there).map((line) => `${keeper.name}: ${line}`),
    );
  }
  return { held, differences: found, exitCodes };
}

/** Every sample of a daemon's metrics endpoint, by name with labels. */
export async function metricsOf(port: number): Promise<Map<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}
