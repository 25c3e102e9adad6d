/**
 * 500 updates of 100 objects while an edge is cut off for a minute, once with its socket closed, once with
 * its packets lost without a word: from the return of the network until the edge holds the newest of all.
 *
 * `--cut-seconds=60 --repeats=1`: each repeat takes both cuts, one after the other. A silent cut shorter
 * than three heartbeats is one that the session outlives.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { LinkProxy } from '../test/support/link-proxy.ts';
import type { BenchEdge } from './support/bench-edge.ts';
import { print, progress, spread } from './support/figures.ts';
import { rawStream } from './support/floors.ts';
import {
  benchHub,
  configMapKey,
  pool,
  updateConfigMap,
  writeConfigMap,
  writePod,
} from './support/hub.ts';

const { values: options } = parseArgs({
  options: {
    'cut-seconds': { type: 'string', default: '60' },
    repeats: { type: 'string', default: '1' },
  },
});
const cutMs = Number(options['cut-seconds']) * 1_000;
const repeats = Number(options.repeats);
const updates = 500;
const clients = 32;
const text = 'x'.repeat(2_000);
const names = Array.from({ length: 100 }, (_, i) => `outage-${i}`);

interface Return {
  readonly seconds: number;
  /** Both ways, from the return on. */
  readonly bytes: number;
}

await using hub = await benchHub();
await using network = await hub.network();
await using raw = await rawStream();
const node = 'bench-outage';
await pool(names.length, clients, (i) => writeConfigMap(hub.api, names[i] ?? '', text));
await writePod(hub.api, { name: 'reader', node, configMaps: names });
await using edge = await hub.edge(node, network);
await edge.holds(names.length + 1);

const closed: Return[] = [];
const silent: Return[] = [];
const floors: Return[] = [];
for (let repeat = 1; repeat <= repeats; repeat++) {
  progress(`relay-outage: repeat ${repeat} of ${repeats}, the socket is closed`);
  closed.push(
    await outage(() => {
      network.refuse();
      network.cut();
    }),
  );
  progress(`relay-outage: repeat ${repeat} of ${repeats}, packets are lost`);
  silent.push(await outage(() => network.silence()));
  floors.push(await floor());
}

async function outage(begin: () => void): Promise<Return> {
  const endsAt = performance.now() + cutMs;
  begin();
  const newest = new Map<string, bigint>();
  await pool(updates, clients, async (i) => {
    const name = names[i % names.length] ?? '';
    const version = await updateConfigMap(hub.api, name, `${endsAt}.${i} ${text}`);
    if (version > (newest.get(name) ?? 0n)) newest.set(name, version);
  });
  await sleep(Math.max(0, endsAt - performance.now()));
  const before = total(network.bytes);
  const began = performance.now();
  await network.restore();
  const durable = await untilHeld(edge, newest);
  return { seconds: (durable - began) / 1_000, bytes: total(network.bytes) - before };
}

/** Resolves with when the last was durable. */
async function untilHeld(one: BenchEdge, newest: ReadonlyMap<string, bigint>): Promise<number> {
  const durable = [...newest].map(([name, version]) =>
    one.durable(configMapKey(name), version as never),
  );
  return Math.max(...(await Promise.all(durable)));
}

/** The newest of each over a connection that is dialled at once, in messages as ours are. */
async function floor(): Promise<Return> {
  const before = total(raw.proxy.bytes);
  const ms = await raw.receive(Buffer.from(text), names.length, 32);
  return { seconds: ms / 1_000, bytes: total(raw.proxy.bytes) - before };
}

function total({ up, down }: LinkProxy['bytes']): number {
  return up + down;
}

const seconds = (returns: readonly Return[]) => spread(returns.map((one) => one.seconds));
const bytes = (returns: readonly Return[]) => spread(returns.map((one) => one.bytes));
print({
  bench: 'relay-outage',
  figures: {
    closed_seconds: seconds(closed),
    silent_seconds: seconds(silent),
    bytes: bytes([...closed, ...silent]),
    closed_bytes: bytes(closed),
    silent_bytes: bytes(silent),
    cut_seconds: cutMs / 1_000,
    repeats,
  },
  floor: { dial_and_stream_seconds: seconds(floors), bytes: bytes(floors) },
  ratio: bytes([...closed, ...silent]).median / bytes(floors).median,
});
