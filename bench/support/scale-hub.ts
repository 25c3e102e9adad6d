import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configMaps, devices } from '@skerry/cloudhub/kube/resource';
import { Ledger } from '@skerry/cloudhub/ledger/ledger';
import { unrouted } from '@skerry/cloudhub/route/observed';
import { Placement } from '@skerry/cloudhub/route/placement';
import { edgeListener, edgePath } from '@skerry/cloudhub/server/edge-listener';
import { Sessions } from '@skerry/cloudhub/session/sessions';
import { unobserved } from '@skerry/cloudhub/session/testing/unobserved';
import { systemClock } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { nodeName, uid, type NodeName, type Version } from '@skerry/shared/names';
import { SocketAcceptor, maxMessageBytes, type Socket } from '@skerry/shared/socket';
import { openStore } from '@skerry/shared/store';
import { benchNodes, deviceKeyOf, sharedKey, type ScaleServerOptions } from './scale-process.ts';
import { serve } from './scale-serving.ts';
import { tokenless } from '@skerry/cloudhub/session/testing/tokenless';

const heartbeatMs = 10_000;
const forever = new AbortController().signal;

/** Sessions, ledger, placement and listener as cloudhub.ts joins them, without a cluster. */
export async function serveHub(options: ScaleServerOptions): Promise<void> {
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
    tokens: tokenless,
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
    observer: unobserved,
  });
  const admit = (node: NodeName, socket: Socket): void =>
    void sessions.admit(node, socket, forever);
  const server = options.tls
    ? edgeListener({ tls: options.tls, log: silentLog, admit })
    : plainListener(admit);
  await serve(server, ({ change, bytes }) => {
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
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
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
