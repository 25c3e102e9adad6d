import { listen } from '@skerry/shared/listen';
import { aborted } from '@skerry/shared/supervise';
import { historyDoor, type HistoryParts } from '../asking/device-history.ts';
import type { Sessions } from '../session/sessions.ts';
import { edgeBacklog, edgeListener, type EdgeListenerParts } from './edge-listener.ts';

export interface ServingParts
  extends Pick<EdgeListenerParts, 'tls' | 'log'>, Omit<HistoryParts, 'sessions'> {
  readonly host: string;
  readonly port: number;
  readonly sessions: Sessions;
}

/** Serves edges, and people who ask about them, until the signal aborts and every session has ended. */
export async function serveEdges(parts: ServingParts, signal: AbortSignal): Promise<void> {
  const { tls, log, sessions } = parts;
  const running = new Set<Promise<void>>();
  const server = edgeListener({
    tls,
    log: log.child({ room: 'server' }),
    answer: historyDoor({ ...parts, log: log.child({ room: 'asking' }) }),
    admit: (node, socket) => {
      const session = sessions.admit(node, socket, signal).finally(() => running.delete(session));
      running.add(session);
    },
  });
  await listen(server, parts, edgeBacklog);
  await aborted(signal);
  server.close();
  await Promise.all(running);
  server.closeAllConnections();
}
