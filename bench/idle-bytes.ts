/**
 * Bytes on the wire, both ways and with TLS (what TCP and IP add is not seen here): of an idle agent in a
 * day, and of one changed object of 2 KB. A day is made of what was measured: heartbeats at their default
 * pace, and the status that the node repeats although it says nothing new, with its way back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { encode } from '@skerry/proto/codec';
import { nodes } from '@skerry/cloudhub/kube/resource';
import { heartbeatWriteMs } from '@skerry/cloudhub/upstream/node-status-writer';
import { NODE_REPORT_MS } from '@skerry/edgecore/node/run-node';
import { objectKey } from '@skerry/shared/names';
import { LinkProxy } from '../test/support/link-proxy.ts';
import type { BenchEdge } from './support/bench-edge.ts';
import { print, progress, spread } from './support/figures.ts';
import {
  benchHub,
  configMapKey,
  updateConfigMap,
  writeConfigMap,
  writePod,
} from './support/hub.ts';
import { rawServer } from './support/raw-server.ts';

const beats = 5;
const changes = 15;
const reports = 5;
const heartbeatMs = 10_000; // the hub's default
const dayMs = 86_400_000;
const quietMs = 300;
const forever = new AbortController().signal;

/** As much of a Node as its own report is made of. */
interface NodeObject {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly status: { readonly conditions: readonly { readonly lastHeartbeatTime?: string }[] };
}

await using hub = await benchHub();
progress('idle-bytes: an agent that has nothing to do');
const { beatBytes, object } = await idleAgent();
progress('idle-bytes: status and changes');
await using network = await hub.network();
await using edge = await hub.edge('bench-bytes', network);
await edge.up;
const reportBytes = await statusBytes(edge, object);
const changeBytes = await changedBytes(edge);
progress('idle-bytes: the floor');
const floor = await floorBytes();

const bytesPerDay = perDay(spread(beatBytes).median, spread(reportBytes).median);
const floorPerDay = perDay(floor.beat, floor.report);
print({
  bench: 'idle-bytes',
  figures: {
    bytes_per_day: bytesPerDay,
    bytes_per_heartbeat: spread(beatBytes),
    bytes_per_repeated_status: spread(reportBytes),
    bytes_per_changed_object: spread(changeBytes),
    heartbeats_per_day: dayMs / heartbeatMs,
    repeated_statuses_per_day: dayMs / NODE_REPORT_MS,
  },
  floor: {
    bytes_per_day: floorPerDay,
    bytes_per_heartbeat: floor.beat,
    bytes_per_repeated_status: floor.report,
    bytes_per_changed_object: floor.change,
  },
  ratio: bytesPerDay / floorPerDay,
});

function perDay(beat: number, report: number): number {
  return (beat * dayMs) / heartbeatMs + (report * dayMs) / NODE_REPORT_MS;
}

/** The agent as a process, from when it is ready and has said so. */
async function idleAgent(): Promise<{ beatBytes: number[]; object: NodeObject }> {
  await using between = await hub.network();
  const url = `wss://127.0.0.1:${between.port}`;
  const node = await hub.system.addNode({ hub: { url }, log: { level: 'warn' } });
  await node.daemon.start();
  await hub.system.untilReady(node);
  await burst(between);
  const beatBytes: number[] = [];
  while (beatBytes.length < beats) beatBytes.push(await burst(between));
  const shown = await hub.api.get(nodes, objectKey(nodes.name, '', node.name), forever);
  await node.daemon.end('SIGTERM');
  return { beatBytes, object: JSON.parse(shown.toString()) as NodeObject };
}

/** What the agent said of itself, said anew whenever the hub would write it although nothing is new. */
async function statusBytes(one: BenchEdge, said: NodeObject): Promise<number[]> {
  const samples: number[] = [];
  for (let i = 0; i <= reports; i++) {
    const payload = statusReport(said, Date.now() + i * heartbeatWriteMs);
    const report = (): Promise<void> => one.report({ class: 'status', key: nodeKey(one), payload });
    samples.push(await burst(network, report));
  }
  return samples.slice(1); // the first one registers the node
}

function statusReport({ metadata: { labels }, status }: NodeObject, at: number): Buffer {
  const lastHeartbeatTime = `${new Date(at).toISOString().slice(0, 19)}Z`;
  const conditions = status.conditions.map((one) => ({ ...one, lastHeartbeatTime }));
  const report = { labels, annotations: {}, status: { ...status, conditions } };
  return Buffer.from(JSON.stringify(report));
}

async function changedBytes(one: BenchEdge): Promise<number[]> {
  const text = 'x'.repeat(2_000);
  await writeConfigMap(hub.api, 'changed', text);
  await writePod(hub.api, { name: 'reader', node: one.node, configMaps: ['changed'] });
  await one.durable(configMapKey('changed'), 0n as never);
  await quiet(network);
  const samples: number[] = [];
  for (let i = 0; i < changes; i++) {
    const change = async (): Promise<void> => {
      await updateConfigMap(hub.api, 'changed', `${i % 10}${text}`);
    };
    samples.push(await burst(network, change));
  }
  return samples;
}

/** The same payloads, bare, as messages over TLS. */
async function floorBytes(): Promise<{ beat: number; report: number; change: number }> {
  let answer = Buffer.alloc(0);
  await using server = await rawServer((peer) => peer.send(answer));
  await using between = await LinkProxy.open({ target: { host: '127.0.0.1', port: server.port } });
  const socket = await server.dial(between.port);
  await quiet(between);
  const bytesOf = (there: Uint8Array, back: Uint8Array): Promise<number> => {
    answer = Buffer.from(back);
    return burst(between, () => {
      socket.send(there);
      return Promise.resolve();
    });
  };
  const beat = encode([{ type: 'heartbeat', sentMs: 100_000, unapplied: 0 }]);
  const floors = {
    beat: await bytesOf(beat, beat),
    report: await bytesOf(statusReport(object, Date.now()), await edge.read(nodeKey(edge))),
    change: await bytesOf(
      encode([{ type: 'ack', seq: 100 }]),
      await edge.read(configMapKey('changed')),
    ),
  };
  socket.terminate();
  return floors;
}

function nodeKey({ node }: BenchEdge): ReturnType<typeof objectKey> {
  return objectKey(nodes.name, '', node);
}

/** Bytes of what follows from `cause`, or of what comes next by itself, until it is quiet again. */
async function burst(between: LinkProxy, cause?: () => Promise<void>): Promise<number> {
  const before = total(between);
  await cause?.();
  while (total(between) === before) await sleep(10);
  await quiet(between);
  return total(between) - before;
}

async function quiet(between: LinkProxy): Promise<void> {
  for (let seen = -1; seen !== total(between);) {
    seen = total(between);
    await sleep(quietMs);
  }
}

function total({ bytes: { up, down } }: LinkProxy): number {
  return up + down;
}
