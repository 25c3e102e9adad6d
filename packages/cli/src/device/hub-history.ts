import { readFile } from 'node:fs/promises';
import type { Credentials, KubeConnection } from '@skerry/cloudhub/kube/connection';
import { KubeError, Throttled, Unavailable } from '@skerry/cloudhub/kube/kube-errors';
import { loadKubeconfig } from '@skerry/cloudhub/kube/kubeconfig';
import { devices, nodeSyncs, objectPath } from '@skerry/cloudhub/kube/resource';
import { Transport } from '@skerry/cloudhub/kube/transport';
import { deviceKey, type DeviceId } from '@skerry/edgecore/devices/device-id';
import type { Clock } from '@skerry/shared/clock';
import { messageOf } from '@skerry/shared/errors';
import { objectKey } from '@skerry/shared/names';
import { NotGranted } from './edge-request.ts';
import type { History, HistoryWish } from './history-wish.ts';

/** Where the cluster is, and the hub where that is not as the cluster says. */
export interface HubPlace {
  /** Absent: $KUBECONFIG, or the file that kubectl reads. */
  readonly kubeconfig?: string | undefined;
  /** `HOST:PORT`; absent: as the NodeSync of the node says. */
  readonly hub?: string | undefined;
  /** PEM file; absent: who the kubeconfig trusts. */
  readonly hubCa?: string | undefined;
}

interface DeviceObject {
  readonly spec?: { readonly nodeName?: string };
}

interface NodeSyncObject {
  readonly status?: { readonly hub?: string };
}

/**
 * The history of a property from the node that has it, by way of the hub that the node is connected to.
 * Throws NotGranted with what is in the way, and KubeError.
 */
export async function hubHistory(
  place: HubPlace,
  { device, ...wish }: HistoryWish & { readonly device: DeviceId },
  clock: Clock,
  signal: AbortSignal,
): Promise<History> {
  const connection = await loadKubeconfig({
    file: place.kubeconfig,
    env: process.env,
    monotonic: () => clock.monotonic(),
  });
  const hub = place.hub ?? (await hubOf(device, connection, signal));
  if (!URL.canParse(`https://${hub}`)) throw new NotGranted(`the hub ${hub} is not HOST:PORT`);
  using transport = new Transport(await toHub(hub, place.hubCa, connection));
  const { property, since, limit } = wish;
  const query = new URLSearchParams({ property, since: `${since}`, limit: `${limit}` });
  const path = `/v1/devices/${device}/history?${query.toString()}`;
  try {
    return await json<History>(transport, path, signal);
  } catch (error) {
    throw explained(error, device, hub);
  }
}

/** The one that the node's NodeSync names. */
async function hubOf(
  device: DeviceId,
  connection: KubeConnection,
  signal: AbortSignal,
): Promise<string> {
  using cluster = new Transport(connection);
  const { spec } = await json<DeviceObject>(
    cluster,
    objectPath(devices, deviceKey(device)),
    signal,
  );
  const node = spec?.nodeName;
  if (node === undefined) throw new NotGranted(`device ${device} is on no node: no spec.nodeName`);
  const path = objectPath(nodeSyncs, objectKey(nodeSyncs.name, '', node));
  const hub = (await json<NodeSyncObject>(cluster, path, signal)).status?.hub;
  if (hub === undefined) throw new NotGranted(`node ${node} has never been connected to a hub`);
  return hub;
}

async function json<T>(transport: Transport, path: string, signal: AbortSignal): Promise<T> {
  const body = await transport.exchange({ method: 'GET', path }, signal);
  return JSON.parse(body.toString('utf8')) as T;
}

/** The hub is shown what the API server is shown. */
async function toHub(
  hub: string,
  caFile: string | undefined,
  cluster: KubeConnection,
): Promise<KubeConnection> {
  const ca = caFile === undefined ? undefined : await readFile(caFile);
  const credentials = async (): Promise<Credentials> => {
    const { tls, headers } = await cluster.credentials();
    const { servername: _ofTheCluster, ...own } = tls;
    return { tls: { ...own, ...(ca && { ca }) }, headers };
  };
  const once = credentials();
  return {
    server: new URL(`https://${hub}`),
    credentials: () => once,
    refused: () => undefined,
  };
}

function explained(error: unknown, device: DeviceId, hub: string): unknown {
  const atNode = `at the node itself, "skerry device history ${device} … --mqtt URL" needs no hub`;
  if (error instanceof Throttled) return new NotGranted(`${error.message}; ${atNode}`);
  if (error instanceof Unavailable)
    return new NotGranted(
      `the hub ${hub}: ${error.message}; --hub HOST:PORT says another address, and ${atNode}`,
    );
  return error instanceof KubeError
    ? new NotGranted(`the hub ${hub}: ${messageOf(error)}`, { cause: error })
    : error;
}
