import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readIdentity } from '@skerry/edgecore/link/identity';
import { runLink } from '@skerry/edgecore/link/link';
import { ReportOutbox } from '@skerry/edgecore/link/report-outbox';
import { MetaStore } from '@skerry/edgecore/meta/meta-store';
import { systemClock, systemRandom } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { nodeName, type ObjectKey, type Version } from '@skerry/shared/names';
import { dial } from '@skerry/shared/socket';
import { openStore } from '@skerry/shared/store';
import { TestPki } from '../../test/support/certificates.ts';

/** The edge's real link and store in this process, so that durability can be seen to the millisecond. */
export interface BenchEdge extends AsyncDisposable {
  readonly node: string;
  /** Resolves when a session has begun. */
  readonly up: Promise<void>;
  /** Resolves with when (`performance.now()`) the key was durable at `version` or a newer one. */
  durable(key: ObjectKey, version: Version): Promise<number>;
  /** Resolves with when so many objects are held. */
  holds(count: number): Promise<number>;
}

export interface BenchEdgeOptions {
  /** Of the system under test; its authority signs the node's certificate. */
  readonly pkiDirectory: string;
  readonly hubUrl: string;
  readonly node: string;
}

export async function benchEdge({
  pkiDirectory,
  hubUrl,
  node,
}: BenchEdgeOptions): Promise<BenchEdge> {
  await using opened = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'skerry-bench-edge-'));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const store = opened.use(await openStore(directory, { whenCorrupt: 'fail', now: Date.now }));
  const meta = await MetaStore.open(store);
  const reports = await ReportOutbox.open(store, () => undefined);
  const pki = await TestPki.make(pkiDirectory);
  const identity = await readIdentity({ ca: pki.ca.cert, ...(await pki.node(node)) });
  const up = Promise.withResolvers<undefined>();
  const waiting = new Set<() => boolean>();
  const durable = new Map<ObjectKey, bigint>();
  const wake = (key: ObjectKey): void => {
    durable.set(key, meta.versionOf(key) ?? -1n);
    for (const check of waiting) if (check()) waiting.delete(check);
  };
  const stop = new AbortController();
  const running = runLink(
    {
      dial: (signal) => dial(`${hubUrl}/v1/edge`, { ...identity, timeoutMs: 5_000 }, signal),
      redial: { firstMs: 20, maxMs: 200 },
      identity: { node: nodeName(node), agentVersion: 'bench', bootId: randomUUID() },
      meta,
      reports,
      wake,
      random: systemRandom,
      clock: systemClock,
      log: silentLog,
      observer: {
        up: () => up.resolve(undefined),
        levelled: () => undefined,
        down: () => undefined,
        roundTrip: () => undefined,
      },
    },
    stop.signal,
  );
  opened.defer(async () => {
    stop.abort(new DOMException('done', 'AbortError'));
    await running;
  });
  const until = (reached: () => boolean): Promise<number> =>
    new Promise((resolve) => {
      const check = (): boolean => {
        if (!reached()) return false;
        resolve(performance.now());
        return true;
      };
      if (!check()) waiting.add(check);
    });
  const parted = opened.move();
  return {
    node,
    up: up.promise,
    durable: (key, version) => until(() => (durable.get(key) ?? -1n) >= version),
    holds: (count) => until(() => durable.size >= count),
    [Symbol.asyncDispose]: () => parted.disposeAsync(),
  };
}
