import { once } from 'node:events';
import { defaultRedial } from '@skerry/edgecore/link/redial';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Fleet } from '@skerry/cli/sim/fleet';
import { nodeCertificates } from '@skerry/cli/sim/node-certificates';
import { systemClock, systemRandom } from '@skerry/shared/clock';
import type { NodeName } from '@skerry/shared/names';
import { createAuthority, issueCertificate, type KeyPair } from '@skerry/shared/pki';
import { dial } from '@skerry/shared/socket';
import { pool } from './hub.ts';
import { benchNodes, type ScaleProcess } from './scale-process.ts';

/** Certificates of a server, and of every node that is to connect to it. */
export interface ScaleIdentities {
  readonly server: KeyPair & { readonly ca: string };
  readonly nodes: ReadonlyMap<NodeName, KeyPair>;
}

export async function scaleIdentities(count: number): Promise<ScaleIdentities> {
  const now = Date.now();
  const authority = await createAuthority('bench', now);
  const request = { commonName: 'hub', ipAddresses: ['127.0.0.1'], days: 1 };
  const server = await issueCertificate(authority, { ...request, usage: ['server'] }, now);
  const nodes = await nodeCertificates(authority, benchNodes(count), now);
  return { server: { ...server, ca: authority.cert }, nodes };
}

/** Connects clients to the server, all that are not connected yet. */
export interface ScaleClients extends AsyncDisposable {
  /** Resolves with the seconds until all are connected and have nothing left to learn. */
  untilLevel(): Promise<number>;
  cut(): void;
}

/** Agents as `skerry sim` has them. */
export interface ScaleFleet extends ScaleClients {
  readonly fleet: Fleet;
}

const pollMs = 20;
/** Sockets that are opened at once where nobody says when. */
const opening = 64;
const patienceSeconds = 300;

export function scaleFleet(
  { port }: ScaleProcess,
  count: number,
  tls: ScaleIdentities | undefined,
): ScaleFleet {
  const ended = new AbortController();
  const fleet = new Fleet({
    nodes: benchNodes(count),
    dialAs: (node, signal) => {
      const { ca = '' } = tls?.server ?? {};
      const pair = tls?.nodes.get(node) ?? { cert: '', key: '' };
      const url = tls
        ? `wss://127.0.0.1:${port}/v1/edge`
        : `ws://127.0.0.1:${port}/v1/edge/${node}`;
      return dial(url, { ca, ...pair, timeoutMs: 5_000 }, signal);
    },
    startsPerSecond: 1_000,
    load: 'constant',
    reportMs: 1e9,
    redial: defaultRedial,
    clock: systemClock,
    random: systemRandom,
  });
  const running = fleet.run(ended.signal);
  return {
    fleet,
    untilLevel: () => until(() => fleet.tally.level === count),
    cut: () => fleet.cut(),
    [Symbol.asyncDispose]: async () => {
      ended.abort(new DOMException('done', 'AbortError'));
      await running;
    },
  };
}

/** Raw WebSockets that are opened, 64 at a time, and stay. */
export function rawClients(
  { port }: ScaleProcess,
  count: number,
  tls: ScaleIdentities | undefined,
): ScaleClients & { readonly received: () => number } {
  const names = benchNodes(count);
  const sockets = new Map<NodeName, WebSocket>();
  let received = 0;
  const open = async (node: NodeName): Promise<void> => {
    const pair = tls && { ca: tls.server.ca, ...tls.nodes.get(node) };
    const url = `${tls ? 'wss' : 'ws'}://127.0.0.1:${port}`;
    const socket = new WebSocket(url, { ...pair, perMessageDeflate: false });
    sockets.set(node, socket);
    socket.on('error', () => undefined);
    socket.on('message', () => received++);
    await once(socket, 'open');
  };
  const openAll = async (): Promise<number> => {
    const began = performance.now();
    await pool(count, opening, (i) => open(names[i] as NodeName));
    return (performance.now() - began) / 1_000;
  };
  const cut = (): void => {
    for (const socket of sockets.values()) socket.terminate();
  };
  return {
    received: () => received,
    untilLevel: openAll,
    cut,
    [Symbol.asyncDispose]: () => {
      cut();
      return Promise.resolve();
    },
  };
}

/** Seconds until it is so. */
export async function until(isSo: () => boolean): Promise<number> {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1_000;
  while (!isSo()) {
    if (seconds() > patienceSeconds) throw new Error(`not so after ${patienceSeconds} s`);
    await sleep(pollMs);
  }
  return seconds();
}
