import { join } from 'node:path';
import type { KubeApi } from '@skerry/cloudhub/kube/kube-api';
import {
  configMaps,
  deviceModels,
  devices,
  nodes,
  pods,
  secrets,
  serviceAccounts,
  type ResourceType,
} from '@skerry/cloudhub/kube/resource';
import { MetaStore } from '@skerry/edgecore/meta/meta-store';
import type { HeldVersion } from '@skerry/shared/change';
import { objectKey, uid, version, type ObjectKey } from '@skerry/shared/names';
import { openStore } from '@skerry/shared/store';

/** As much of any object as decides where it belongs. */
export interface Listed {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly nodeName?: string;
    readonly serviceAccountName?: string;
    readonly deviceModelRef?: { readonly name: string };
    readonly containers?: readonly {
      readonly envFrom?: readonly {
        readonly configMapRef?: { readonly name: string };
        readonly secretRef?: { readonly name: string };
      }[];
    }[];
  };
}

const everything = [configMaps, secrets, serviceAccounts, deviceModels, nodes, pods, devices];

/** All objects of the cluster that may go to a node. */
export type Cluster = ReadonlyMap<ObjectKey, Listed>;

export async function readCluster(api: KubeApi, signal: AbortSignal): Promise<Cluster> {
  const cluster = new Map<ObjectKey, Listed>();
  for (const type of everything)
    for (const listed of await listAll<Listed>(api, type, signal))
      cluster.set(keyIn(type, listed, listed.metadata.name), listed);
  return cluster;
}

export async function listAll<T>(
  api: KubeApi,
  type: ResourceType,
  signal: AbortSignal,
): Promise<T[]> {
  const { items } = await api.list(type, { limit: 10_000 }, signal);
  return items.map((item) => JSON.parse(item.toString()) as T);
}

/** What a node must hold, counted from scratch and not as the hub does. */
export function placedOn(cluster: Cluster, node: string): HeldVersion[] {
  const keys = new Set([objectKey(nodes.name, '', node)]);
  for (const [key, object] of cluster)
    if (object.spec?.nodeName === node) for (const one of [key, ...refersTo(object)]) keys.add(one);
  return [...keys].flatMap((key) => {
    const metadata = cluster.get(key)?.metadata;
    return metadata
      ? [{ key, uid: uid(metadata.uid), version: version(metadata.resourceVersion) }]
      : [];
  });
}

function refersTo(object: Listed): ObjectKey[] {
  const { deviceModelRef, serviceAccountName, containers = [] } = object.spec ?? {};
  const from = containers.flatMap(({ envFrom = [] }) => envFrom);
  const named: [ResourceType, string | undefined][] = [
    [deviceModels, deviceModelRef?.name],
    [serviceAccounts, serviceAccountName],
    ...from.map((one): [ResourceType, string | undefined] => [configMaps, one.configMapRef?.name]),
    ...from.map((one): [ResourceType, string | undefined] => [secrets, one.secretRef?.name]),
  ];
  return named.flatMap(([type, name]) => (name === undefined ? [] : [keyIn(type, object, name)]));
}

function keyIn(type: ResourceType, { metadata }: Listed, name: string): ObjectKey {
  return objectKey(type.name, metadata.namespace ?? '', name);
}

/** What is on a node's disk; its agent must not run. */
export async function heldOnDisk(dataDir: string): Promise<HeldVersion[]> {
  await using store = await openStore(join(dataDir, 'meta'), {
    whenCorrupt: 'fail',
    now: Date.now,
  });
  return [...(await MetaStore.open(store)).held()];
}

/** A line for each key that is not the same on both sides. */
export function differences(
  expected: readonly HeldVersion[],
  held: readonly HeldVersion[],
): string[] {
  const [there, here] = [expected, held].map(
    (side) => new Map(side.map(({ key, uid, version: at }) => [key, `${uid}@${at}`])),
  );
  const keys = new Set([...(there?.keys() ?? []), ...(here?.keys() ?? [])]);
  return [...keys].flatMap((key) => {
    const [is, should] = [here?.get(key), there?.get(key)];
    return is === should
      ? []
      : [`${key}: the node has ${is ?? 'nothing'}, the cluster ${should ?? 'nothing'}`];
  });
}
