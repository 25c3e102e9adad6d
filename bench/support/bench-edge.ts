import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readIdentity } from '@skerry/edgecore/link/identity';
import { defaultRedial } from '@skerry/edgecore/link/redial';
import { runLink, type LinkParts } from '@skerry/edgecore/link/link';
import { ReportOutbox } from '@skerry/edgecore/link/report-outbox';
import { defaultReportPolicies } from '@skerry/edgecore/link/report-policy';
import type { Reporter } from '@skerry/edgecore/link/reporter';
import { MetaStore } from '@skerry/edgecore/meta/meta-store';
import { systemClock, systemRandom } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { nodeName, type ObjectKey, type Version } from '@skerry/shared/names';
import { dial } from '@skerry/shared/socket';
import { openStore } from '@skerry/shared/store';
import { TestPki } from '../../test/support/certificates.ts';

/** The edge's real link and store in this process, so that durability can be seen to the millisecond. */
export interface BenchEdge extends AsyncDisposable, Reporter {
  readonly node: string;
  /** Resolves when a session has begun. */
  readonly up: Promise<void>;
  /** Resolves with when (`performance.now()`) the key was durable at `version` or a newer one. */
  durable(key: ObjectKey, version: Version): Promise<number>;
  /** Resolves with when so many objects are held. One wait at a time. */
  holds(count: number): Promise<number>;
  /** What it holds of the key; throws when that is nothing. */
  read(key: ObjectKey): Promise<Uint8Array>;
  /** Cuts the edge off until `connect`. */
  disconnect(): Promise<void>;
  /** Resolves when the hub has welcomed the edge again. */
  connect(): Promise<void>;
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
  const reports = await ReportOutbox.open({
    store,
    policies: defaultReportPolicies,
    clock: systemClock,
    onDropped: () => undefined,
  });
  const pki = await TestPki.make(pkiDirectory);
  const identity = await readIdentity({ ca: pki.ca.cert, ...(await pki.node(node)) });
  let up = Promise.withResolvers<undefined>();
  const durable = new Map<ObjectKey, bigint>();
  const waits = { forKey: new Map<ObjectKey, (() => void)[]>(), forCount: (): void => undefined };
  const wake = (key: ObjectKey): void => {
    durable.set(key, meta.versionOf(key) ?? -1n);
    const waiting = waits.forKey.get(key) ?? [];
    waits.forKey.delete(key);
    for (const check of waiting) check();
    waits.forCount();
  };
  const begin = (): (() => Promise<void>) => {
    const stop = new AbortController();
    const running = runLink(parts, stop.signal);
    return () => {
      stop.abort(new DOMException('done', 'AbortError'));
      return running;
    };
  };
  const parts = {
    dial: (signal) => dial(`${hubUrl}/v1/edge`, { ...identity, timeoutMs: 5_000 }, signal),
    redial: defaultRedial,
    identity: { node: nodeName(node), agentVersion: 'bench', bootId: randomUUID() },
    meta,
    reports,
    wake,
    unapplied: () => 0,
    random: systemRandom,
    clock: systemClock,
    log: silentLog,
    observer: {
      up: () => up.resolve(undefined),
      levelled: () => undefined,
      down: () => undefined,
      roundTrip: () => undefined,
      received: () => undefined,
      persisted: () => undefined,
    },
  } satisfies LinkParts;
  let end = begin();
  opened.defer(() => end());
  /** Asks at once and, until it has come about, again at each news that it listens for. */
  const until = (reached: () => boolean, listen: (check: () => void) => void): Promise<number> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (reached()) resolve(performance.now());
        else listen(check);
      };
      check();
    });
  const parted = opened.move();
  return {
    node,
    up: up.promise,
    durable: (key, version) =>
      until(
        () => (durable.get(key) ?? -1n) >= version,
        (check) => waits.forKey.set(key, [...(waits.forKey.get(key) ?? []), check]),
      ),
    holds: (count) =>
      until(
        () => durable.size >= count,
        (check) => (waits.forCount = check),
      ),
    read: async (key) => {
      const held = await meta.get(key);
      if (!held) throw new Error(`${node} holds no ${key}`);
      return held.object;
    },
    report: (report) => reports.report(report),
    disconnect: () => end(),
    connect: async () => {
      up = Promise.withResolvers<undefined>();
      end = begin();
      await up.promise;
    },
    [Symbol.asyncDispose]: () => parted.disposeAsync(),
  };
}
