import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger } from '@skerry/cloudhub/ledger/ledger';
import { Sessions } from '@skerry/cloudhub/session/sessions';
import { runLink } from '@skerry/edgecore/link/link';
import { ReportOutbox } from '@skerry/edgecore/link/report-outbox';
import { defaultReportPolicies } from '@skerry/edgecore/link/report-policy';
import { MetaStore } from '@skerry/edgecore/meta/meta-store';
import type { Change } from '@skerry/shared/change';
import { systemClock, systemRandom } from '@skerry/shared/clock';
import type { Report, ReportOutcome } from '@skerry/shared/delivery/report';
import { silentLog } from '@skerry/shared/log';
import { nodeName, uid, type NodeName, type ObjectKey, type Version } from '@skerry/shared/names';
import { ConnectionFailed, maxMessageBytes, type Socket } from '@skerry/shared/socket';
import { openStore, type Store } from '@skerry/shared/store';
import { keyOf, madeChange } from '@skerry/shared/testing/changes';
import { socketPair } from '@skerry/shared/testing/socket-pair';

/** The cluster as a dumb model: the truth that an edge must become equal to. */
export class Cluster {
  readonly objects = new Map<ObjectKey, Change>();
  readonly accepted: Report[] = [];
  #counter = 100n;
  #uids = 0;

  /** What the node is to hold: everything but what was withdrawn from it. */
  readonly #withdrawn = new Set<ObjectKey>();

  needs(): Change[] {
    return [...this.objects.values()].filter(({ key }) => !this.#withdrawn.has(key));
  }

  find(key: ObjectKey): Change | undefined {
    return this.objects.get(key);
  }

  readonly whenSynced = Promise.resolve();
  readonly epoch = 1;

  progressOf(): Version {
    return this.#counter as Version;
  }

  get horizon(): Version {
    return this.#counter as Version;
  }

  newest(): Promise<Version> {
    return Promise.resolve(this.horizon);
  }

  /** The news for the node; none when it neither has nor gets the object. */
  place(name: string, placed: boolean): Change | undefined {
    const held = this.objects.get(keyOf(name));
    if (!held || this.#withdrawn.has(held.key) !== placed) return undefined;
    if (placed) this.#withdrawn.delete(held.key);
    else this.#withdrawn.add(held.key);
    return placed ? held : { key: held.key, uid: held.uid, version: held.version, withdrawn: true };
  }

  isPlaced(change: Change): boolean {
    return !this.#withdrawn.has(change.key);
  }

  write(name: string): Change {
    const held = this.objects.get(keyOf(name));
    const change = {
      ...madeChange(name, ++this.#counter),
      uid: held?.uid ?? uid(`u${++this.#uids}`),
    };
    this.objects.set(change.key, change);
    return change;
  }

  remove(name: string): Change | undefined {
    const held = this.objects.get(keyOf(name));
    if (!held) return undefined;
    this.objects.delete(held.key);
    this.#withdrawn.delete(held.key);
    return { key: held.key, uid: held.uid, version: ++this.#counter as Version };
  }
}

/** Something that can be ended and awaited. */
class Running {
  readonly #stop = new AbortController();
  readonly #runs: Promise<unknown>[] = [];

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  track(run: Promise<unknown>): void {
    this.#runs.push(run);
  }

  async end(): Promise<void> {
    this.#stop.abort(new DOMException('ended', 'AbortError'));
    await Promise.allSettled(this.#runs);
  }
}

interface Hub {
  readonly sessions: Sessions;
  readonly store: Store;
  readonly running: Running;
}

interface Edge {
  readonly meta: MetaStore;
  readonly reports: ReportOutbox;
  readonly store: Store;
  readonly running: Running;
  readonly woken: ObjectKey[];
}

/** One hub and one edge in this process, joined by sockets that can be cut at any moment. */
export class World {
  readonly cluster = new Cluster();
  readonly node: NodeName = nodeName('edge-1');
  readonly #directory: string;
  readonly #sockets = new Set<Socket>();
  hub: Hub | undefined;
  edge: Edge | undefined;
  delivered = 0;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async make(): Promise<World> {
    const world = new World(await mkdtemp(join(tmpdir(), 'skerry-sim-')));
    await world.startHub();
    await world.startEdge();
    return world;
  }

  write(name: string): void {
    this.#offer(this.cluster.write(name));
  }

  remove(name: string): void {
    const tombstone = this.cluster.remove(name);
    if (tombstone) this.#offer(tombstone);
  }

  place(name: string, placed: boolean): void {
    const news = this.cluster.place(name, placed);
    if (news) this.hub?.sessions.offer([{ node: this.node, change: news, lane: 'urgent' }]);
  }

  cut(): void {
    for (const socket of this.#sockets) socket.cut();
    this.#sockets.clear();
  }

  async startHub(): Promise<void> {
    const store = await this.#open('hub');
    const running = new Running();
    const sessions = new Sessions({
      placement: this.cluster,
      line: this.cluster,
      ledger: new Ledger(store),
      upstream: { submit: (_node, report) => this.#accept(report) },
      liveness: { seen: () => undefined },
      limits: {
        window: { frames: 4, bytes: 1_000 },
        heartbeatMs: 50,
        maxMessageBytes,
        reportWindow: 2,
      },
      maxNodes: 10,
      hubVersion: 'test',
      clock: systemClock,
      log: silentLog,
      observer: {
        delivered: (count) => (this.delivered += count),
        refused: () => undefined,
        skipped: () => undefined,
        ended: () => undefined,
      },
    });
    this.hub = { sessions, store, running };
  }

  async stopHub(): Promise<void> {
    this.cut();
    await this.hub?.running.end();
    await this.hub?.store[Symbol.asyncDispose]();
    this.hub = undefined;
  }

  async startEdge(): Promise<void> {
    const store = await this.#open('edge');
    const running = new Running();
    const meta = await MetaStore.open(store);
    const reports = await ReportOutbox.open({
      store,
      policies: defaultReportPolicies,
      clock: systemClock,
      onDropped: () => undefined,
    });
    const woken: ObjectKey[] = [];
    running.track(
      runLink(
        {
          dial: () => this.#dial(),
          redial: { firstMs: 1, maxMs: 5, unreachableMaxMs: 5 },
          identity: { node: this.node, agentVersion: 'test', bootId: 'boot' },
          meta,
          reports,
          wake: (key) => woken.push(key),
          unapplied: () => 0,
          random: systemRandom,
          clock: systemClock,
          log: silentLog,
          observer: {
            up: () => undefined,
            levelled: () => undefined,
            down: () => undefined,
            roundTrip: () => undefined,
          },
        },
        running.signal,
      ),
    );
    this.edge = { meta, reports, store, running, woken };
  }

  async stopEdge(): Promise<void> {
    await this.edge?.running.end();
    await this.edge?.store[Symbol.asyncDispose]();
    this.edge = undefined;
  }

  async wipe(side: 'hub' | 'edge'): Promise<void> {
    await rm(join(this.#directory, side), { recursive: true, force: true });
  }

  /** Whether the edge holds what the cluster wants it to, at the very same versions. */
  equal(): boolean {
    const held = [...(this.edge?.meta.held() ?? [])];
    if (held.length !== this.cluster.needs().length) return false;
    return held.every(({ key, uid: id, version }) => {
      const truth = this.cluster.objects.get(key);
      return truth?.uid === id && version === truth.version && this.cluster.isPlaced(truth);
    });
  }

  async dispose(): Promise<void> {
    await this.stopEdge();
    await this.stopHub();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #offer(change: Change): void {
    const lane = change.object ? 'bulk' : 'urgent';
    if (this.cluster.isPlaced(change))
      this.hub?.sessions.offer([{ node: this.node, change, lane }]);
  }

  #accept(report: Report): Promise<ReportOutcome> {
    this.cluster.accepted.push(report);
    return Promise.resolve({ do: 'accepted' });
  }

  #dial(): Promise<Socket> {
    if (!this.hub) return Promise.reject(new ConnectionFailed('no hub', { answered: false }));
    const [near, far] = socketPair();
    this.#sockets.add(near);
    const { sessions, running } = this.hub;
    running.track(sessions.admit(this.node, far, running.signal));
    return Promise.resolve(near);
  }

  #open(side: 'hub' | 'edge'): Promise<Store> {
    return openStore(join(this.#directory, side), { whenCorrupt: 'fail', now: () => 0 });
  }
}
