/**
 * The hub's relay in a process of its own, for benches: sessions, ledger, placement and listener as
 * cloudhub.ts joins them, without a cluster; or, as their floor, a raw WebSocket server. Told what to do
 * by its first argument and by messages of its parent.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketServer } from 'ws';
import { configMaps, devices } from '@skerry/cloudhub/kube/resource';
import { Ledger } from '@skerry/cloudhub/ledger/ledger';
import { unrouted } from '@skerry/cloudhub/route/observed';
import { Placement } from '@skerry/cloudhub/route/placement';
import { edgeListener, edgePath } from '@skerry/cloudhub/server/edge-listener';
import { Sessions } from '@skerry/cloudhub/session/sessions';
import { systemClock } from '@skerry/shared/clock';
import { listen } from '@skerry/shared/listen';
import { silentLog } from '@skerry/shared/log';
import { nodeName, uid, type NodeName, type Version } from '@skerry/shared/names';
import { SocketAcceptor, maxMessageBytes, type Socket } from '@skerry/shared/socket';
import { openStore } from '@skerry/shared/store';
import {
  benchNodes,
  deviceKeyOf,
  sharedKey,
  type ScaleCommand,
  type ScaleServerOptions,
} from './scale-process.ts';

const heartbeatMs = 10_000;
const forever = new AbortController().signal;
const options = JSON.parse(process.argv[2] ?? '') as ScaleServerOptions;

if (options.kind === 'raw') await serveRaw();
else await serveHub();
process.exit(0); // whoever is still connected is cut off

async function serveHub(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'skerry-scale-'));
  const store = await openStore(directory, { whenCorrupt: 'fail', now: Date.now });
  let newest = 1n;
  const placement = filled(benchNodes(options.nodes));
  const sessions = new Sessions({
    placement,
    line: {
      epoch: 1,
      get horizon() {
        return newest as Version;
      },
      newest: () => Promise.resolve(newest as Version),
    },
    ledger: new Ledger(store),
    upstream: { submit: () => Promise.resolve({ do: 'accepted' }) },
    liveness: { seen: () => undefined },
    limits: {
      window: { frames: 256, bytes: 1_048_576 },
      heartbeatMs,
      maxMessageBytes,
      reportWindow: 64,
    },
    maxNodes: 1e6,
    hubVersion: 'bench',
    clock: systemClock,
    log: silentLog,
    observer: {
      delivered: () => undefined,
      refused: () => undefined,
      skipped: () => undefined,
      ended: () => undefined,
    },
  });
  const admit = (node: NodeName, socket: Socket): void =>
    void sessions.admit(node, socket, forever);
  const server = options.tls
    ? edgeListener({ tls: options.tls, log: silentLog, admit })
    : plainListener(admit);
  await run(server, ({ change, bytes }) => {
    const [key, routing] =
      change === 'shared'
        ? [sharedKey, unrouted]
        : [deviceKeyOf(change), { node: nodeName(change), refers: [sharedKey] }];
    const object = Buffer.alloc(bytes, 'x');
    newest++;
    const version = newest as Version;
    sessions.offer(placement.apply({ key, uid: uid('bench'), version, object, routing }));
    return Number(version);
  });
  await store[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
}

/** A device on every node, and a ConfigMap that all of them need. */
function filled(nodes: readonly NodeName[]): Placement {
  const placement = new Placement([configMaps.name, devices.name]);
  const object = Buffer.alloc(200, 'x');
  const one = 1n as Version;
  const shared = { key: sharedKey, uid: uid('bench'), version: one, object, routing: unrouted };
  placement.snapshot(configMaps.name, [shared], one);
  const placed = nodes.map((node) => ({
    key: deviceKeyOf(node),
    uid: uid('bench'),
    version: one,
    object,
    routing: { node, refers: [sharedKey] },
  }));
  placement.snapshot(devices.name, placed, one);
  return placement;
}

/** As the edge listener, but a node is who its path says it is: there is no certificate without TLS. */
function plainListener(admit: (node: NodeName, socket: Socket) => void): Server {
  const acceptor = new SocketAcceptor();
  const server = createServer();
  server.on('upgrade', (request, raw, head) => {
    raw.on('error', () => undefined);
    const node = nodeName((request.url ?? '').slice(`${edgePath}/`.length));
    void acceptor.accept(request, raw, head).then((socket) => admit(node, socket));
  });
  return server;
}

async function serveRaw(): Promise<void> {
  const server = options.tls
    ? createTlsServer({ ...options.tls, requestCert: true, rejectUnauthorized: false })
    : createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false });
  sockets.on('connection', (peer) => {
    peer.on('error', () => undefined);
    peer.on('message', (message: Buffer) => peer.send(message));
  });
  await run(server, ({ bytes }) => {
    const message = Buffer.alloc(bytes, 'x');
    for (const peer of sockets.clients) peer.send(message);
    return 0;
  });
}

async function run(server: Server, change: (command: ScaleCommand) => number): Promise<void> {
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  process.on('message', (command: ScaleCommand) => {
    const at = process.hrtime.bigint();
    const version = change(command);
    process.send?.({ version, at: String(at) });
  });
  process.send?.({ port });
  await once(process, 'disconnect');
  server.close();
}
