import { configMaps, pods } from '@skerry/cloudhub/kube/resource';
import { Ledger } from '@skerry/cloudhub/ledger/ledger';
import { keepLine, readLine } from '@skerry/cloudhub/ledger/line-record';
import { Placement } from '@skerry/cloudhub/route/placement';
import { Sessions } from '@skerry/cloudhub/session/sessions';
import type { SessionView } from '@skerry/cloudhub/session/session-parts';
import { Coalescer } from '@skerry/cloudhub/upstream/coalescer';
import { NumberLine } from '@skerry/cloudhub/watch/number-line';
import { runReflectors } from '@skerry/cloudhub/watch/run-reflectors';
import { watchedResources } from '@skerry/cloudhub/watch/watched-resources';
import type { Change } from '@skerry/shared/change';
import type { ReportOutcome } from '@skerry/shared/delivery/report';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import { maxMessageBytes, type Socket } from '@skerry/shared/socket';
import type { Write } from '@skerry/shared/store';
import { aborted } from '@skerry/shared/supervise';
import { Broken } from './broken.ts';
import { SimDisk, SimStore } from './disk.ts';
import { Machine } from './machine.ts';
import type { Site, SiteParts } from './site.ts';
import { tokenless } from '@skerry/cloudhub/session/testing/tokenless';

/** Small, so that windows are full and batches torn. */
export const hubLimits = {
  window: { frames: 4, bytes: 1_500 },
  heartbeatMs: 4_000,
  maxMessageBytes,
  reportWindow: 3,
} as const;

const watched = watchedResources.filter(({ type }) => type === pods || type === configMaps);
const kinds = watched.map(({ type }) => type.name);

interface Running {
  readonly machine: Machine;
  readonly sessions: Sessions;
  readonly coalescer: Coalescer;
  readonly store: SimStore;
  readonly ended: Promise<unknown>;
}

/** Where a hub runs: its disk, and the process that runs on it now, if any. */
export class HubSite implements Site {
  readonly name: string;
  readonly wall = { offsetMs: 0 };
  readonly #parts: SiteParts;
  readonly disk: SimDisk = new SimDisk();
  /** Changes sent, by all its processes. */
  delivered = 0;
  #machine: Machine | undefined;
  #running: Running | undefined;

  constructor(name: string, parts: SiteParts) {
    this.name = name;
    this.#parts = parts;
    this.#watchDisk();
  }

  /** The process, while it takes connections. */
  get machine(): Machine | undefined {
    const machine = this.#running?.machine;
    return machine?.signal.aborted ? undefined : machine;
  }

  get isUp(): boolean {
    return this.#machine !== undefined;
  }

  get views(): readonly SessionView[] {
    return this.#running?.sessions.views() ?? [];
  }

  /** Objects with reports that are not settled. */
  get unsettled(): number {
    return this.#running?.coalescer.pending ?? 0;
  }

  start(): void {
    const machine = new Machine(this.name, this.#parts.timeline, this.wall);
    this.#machine = machine;
    this.#run(machine).catch((error: unknown) => {
      if (machine.alive) machine.timeline.fail(error);
    });
  }

  kill(): void {
    this.#machine?.kill();
    this.#machine = this.#running = undefined;
  }

  /** Ends in peace. */
  async stop(): Promise<void> {
    const [machine, running] = [this.#machine, this.#running];
    machine?.askToEnd();
    await running?.ended;
    await running?.store[Symbol.asyncDispose]();
    if (this.#machine === machine) this.kill();
  }

  admit(node: NodeName, socket: Socket): void {
    const running = this.#running;
    if (running) void running.sessions.admit(node, socket, running.machine.signal);
  }

  /** Sends a node what it should not have, as a hub with a defect would. */
  mislead(node: NodeName, change: Change): void {
    this.#running?.sessions.offer([{ node, change, lane: 'urgent' }]);
  }

  wipe(): void {
    this.disk.clear();
  }

  async #run(machine: Machine): Promise<void> {
    const { cluster, timeline } = this.#parts;
    const store = new SimStore(this.disk, machine);
    const line = new NumberLine(await readLine(store));
    const placement = new Placement(kinds);
    const source = cluster.source(machine);
    const parts = { clock: machine, random: timeline.random.next, log: silentLog };
    const coalescer = this.#coalescer(machine);
    const sessions = new Sessions({
      ...parts,
      ...{ placement, limits: hubLimits, maxNodes: 10, hubVersion: 'sim' },
      ledger: new Ledger(store),
      line: {
        get epoch() {
          return line.epoch;
        },
        get horizon() {
          return line.horizon;
        },
        newest: async () => (await source.list(pods, { limit: 1 }, machine.signal)).version,
      },
      upstream: {
        submit: (node, { key, payload }) => submit(coalescer, node, key, payload),
      },
      tokens: tokenless,
      liveness: { seen: () => undefined },
      observer: {
        delivered: (changes) => (this.delivered += changes),
        acked: () => undefined,
        refused: (node, { key, code }) => {
          timeline.fail(new Broken(`${node} refused ${key}: ${code}`));
        },
        skipped: () => undefined,
        ended: (why) => timeline.note(`${this.name} ends a session: ${why}`),
      },
    });
    const { signal } = machine;
    const reflecting = runReflectors(
      {
        ...{ ...parts, source, placement, line, metrics: noMetrics, resources: watched },
        onRewound: ({ message }) => sessions.closeAll('session.rewound', message),
        onDeliveries: (news) => sessions.offer(news),
      },
      signal,
    );
    const keeping = keepLine({ ...parts, store, line }, signal);
    const synced = Promise.race([placement.whenSynced, aborted(signal)]);
    const writing = synced.then(() => coalescer.run(signal));
    const ended = Promise.all([reflecting, keeping, writing]);
    if (machine.alive) this.#running = { machine, sessions, coalescer, store, ended };
    await ended;
  }

  #coalescer(machine: Machine): Coalescer {
    const { cluster, reports, timeline } = this.#parts;
    return new Coalescer({
      ...{ concurrency: 4, spacingMs: 50, onRetry: () => undefined },
      ...{ clock: machine, random: timeline.random.next, log: silentLog },
      write: async ({ node, key, payload }, signal): Promise<ReportOutcome> => {
        await cluster.request(machine, signal);
        timeline.note(`${node} ${key} is at report ${String(payload)}`);
        try {
          reports.accept(node, key, payload as number);
        } catch (error) {
          timeline.fail(error);
        }
        await machine.sleep(timeline.random.delay(2, 100), signal);
        return { do: 'accepted' };
      },
    });
  }

  #watchDisk(): void {
    this.disk.onWrite = (writes: readonly Write[]) => {
      for (const { table, key, value } of writes) {
        if (table !== 'acknowledged' || value === undefined) continue;
        const [node = '', object = ''] = key.split('\0');
        this.#parts.holdings(node as NodeName).vouch(object, Buffer.from(value).toString());
      }
    };
  }
}

function submit(
  coalescer: Coalescer,
  node: NodeName,
  key: ObjectKey,
  payload: Uint8Array,
): Promise<ReportOutcome> {
  return coalescer.submit({ node, key, payload: Number(Buffer.from(payload).toString()) }, 'bulk');
}
