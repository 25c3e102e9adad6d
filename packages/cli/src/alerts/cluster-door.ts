import { loadKubeconfig } from '@skerry/cloudhub/kube/kubeconfig';
import { collectionPath, silences, alerts } from '@skerry/cloudhub/kube/resource';
import { Transport } from '@skerry/cloudhub/kube/transport';
import type { Clock } from '@skerry/shared/clock';
import { lineOf, silenceObject, type AlarmDoor, type AlertObject } from './alert-line.ts';

/** The Alert and Silence objects of a cluster. */
export async function clusterDoor(file: string | undefined, clock: Clock): Promise<AlarmDoor> {
  const monotonic = (): number => clock.monotonic();
  const transport = new Transport(await loadKubeconfig({ file, env: process.env, monotonic }));
  return {
    alerts: async (signal) => {
      const request = { method: 'GET', path: collectionPath(alerts) } as const;
      const { items } = JSON.parse(
        (await transport.exchange(request, signal)).toString('utf8'),
      ) as {
        items: AlertObject[];
      };
      return items.map(lineOf);
    },
    silence: async (name, spec, signal) => {
      const body = silenceObject(name, { ...placeOf(spec.matchLabels), ...spec });
      await transport.exchange({ method: 'POST', path: collectionPath(silences), body }, signal);
    },
    unsilence: async (name, signal) => {
      const path = `${collectionPath(silences)}/${encodeURIComponent(name)}`;
      await transport.exchange({ method: 'DELETE', path }, signal);
    },
    [Symbol.dispose]: () => transport[Symbol.dispose](),
  };
}

/** To the node that is named, or to every one. */
function placeOf({ node }: Readonly<Record<string, string>>): object {
  return node === undefined ? { nodeSelector: {} } : { nodeName: node };
}
