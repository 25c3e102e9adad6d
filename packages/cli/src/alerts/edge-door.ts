import { EdgeError, messageOf } from '@skerry/shared/errors';
import type { AlarmDoor, AlertLine, SilenceSpec } from './alert-line.ts';

/** The agent did not answer, or not as asked. */
export class AgentRefused extends EdgeError {
  readonly code = 'alerts.agent-refused';
  readonly disposition = 'fatal';
}

interface Shown extends Omit<AlertLine, 'state' | 'node'> {
  readonly phase: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The agent of a node, by its port for health and metrics: works without the cloud. */
export function edgeDoor(url: string): AlarmDoor {
  const ask = (path: string, signal: AbortSignal, more: RequestInit = {}): Promise<Response> =>
    request(new URL(path, url).href, { ...more, signal });
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

async function request(url: string, options: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    const why = error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error);
    throw new AgentRefused(`no agent answers at ${url}: ${why}`, { cause: error });
  }
  if (response.ok) return response;
  throw new AgentRefused(`${url} answered ${response.status}: ${(await response.text()).trim()}`);
}

function text(spec: SilenceSpec): string {
  return JSON.stringify(spec);
}
