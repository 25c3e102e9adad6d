import type { DeviceId } from '@skerry/edgecore/devices/device-id';
import { systemClock } from '@skerry/shared/clock';
import type { Said } from '@skerry/shared/command-line';
import { UsageError } from '@skerry/shared/errors';
import { askEdge } from './edge-request.ts';
import type { History, HistoryWish } from './history-wish.ts';

const defaultUrl = 'mqtt://127.0.0.1:1883';

/** The broker of the node. */
export function mqttUrl(said: Said): string {
  return said.text('mqtt') ?? defaultUrl;
}

/**
 * From the node's own agent, or, where a cluster is named, by way of the hub.
 *
 * Throws UsageError when both are.
 */
export async function readHistory(
  device: DeviceId,
  wish: HistoryWish,
  said: Said,
): Promise<History> {
  if (!isOfCluster(said))
    return askEdge<History>({ url: mqttUrl(said), device, verb: 'history/get', body: wish });
  const { hubHistory } = await import('./hub-history.ts');
  const place = {
    kubeconfig: said.text('kubeconfig'),
    hub: said.text('hub'),
    hubCa: said.text('hub-ca'),
  };
  const { signal } = new AbortController();
  return hubHistory(place, { device, ...wish }, systemClock, signal);
}

function isOfCluster(said: Said): boolean {
  const names = ['kubeconfig', 'hub', 'hub-ca'].filter((name) => said.text(name) !== undefined);
  if (said.text('mqtt') === undefined)
    return names.length > 0 || process.env['KUBECONFIG'] !== undefined;
  if (names.length > 0)
    throw new UsageError(`--mqtt and --${names.join(', --')} exclude each other: node or cluster?`);
  return false;
}
