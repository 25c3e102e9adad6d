import { SiteApi } from '../site/local-api.ts';
import { lineOf, silenceObject, type AlarmDoor, type AlertObject } from './alert-line.ts';

const group = '/apis/edge.skerry.io/v1alpha1';

/** The Alerts and Silences of this node, from its agent: works without the cloud. */
export function nodeDoor(socket: string | undefined): AlarmDoor {
  const api = new SiteApi(socket);
  return {
    alerts: async () => {
      const { items } = await api.json<{ items: readonly AlertObject[] }>(`${group}/alerts`);
      return items.map(lineOf);
    },
    silence: async (name, spec) => {
      const body = silenceObject(name, spec);
      await api.json(`${group}/silences`, { method: 'POST', body });
    },
    unsilence: async (name) => {
      await api.json(`${group}/silences/${encodeURIComponent(name)}`, { method: 'DELETE' });
    },
  };
}
