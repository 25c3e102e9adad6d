import { askDaemon, type Asking } from '../daemon/ask-daemon.ts';
import type { AlarmDoor, AlertLine, SilenceSpec } from './alert-line.ts';

interface Shown extends Omit<AlertLine, 'state' | 'node'> {
  readonly phase: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The agent of a node, by its port for health and metrics: works without the cloud. */
export function edgeDoor(url: string): AlarmDoor {
  const ask = (path: string, signal: AbortSignal, more: Asking = {}): Promise<Response> =>
    askDaemon(url, path, { ...more, signal });
  return {
    alerts: async (signal) => {
      const shown = (await (await ask('/alerts', signal)).json()) as Shown[];
      return shown.map(({ phase, labels, ...rest }) => ({
        ...rest,
        state: phase,
        node: labels['node'] ?? '',
      }));
    },
    silence: async (name, spec, signal) => {
      await ask(`/silences/${name}`, signal, { method: 'PUT', body: text(spec) });
    },
    unsilence: async (name, signal) => {
      await ask(`/silences/${encodeURIComponent(name)}`, signal, { method: 'DELETE' });
    },
  };
}

function text(spec: SilenceSpec): string {
  return JSON.stringify(spec);
}
