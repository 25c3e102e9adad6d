import { runLink } from '@skerry/edgecore/link/link';
import { ReportOutbox } from '@skerry/edgecore/link/report-outbox';
import { defaultReportPolicies, type ReportPolicies } from '@skerry/edgecore/link/report-policy';
import { MetaStore } from '@skerry/edgecore/meta/meta-store';
import type { ReportClass } from '@skerry/shared/delivery/report';
import { silentLog } from '@skerry/shared/log';
import { nodeName, type NodeName, type ObjectKey } from '@skerry/shared/names';
import type { Socket } from '@skerry/shared/socket';
import { Broken } from './broken.ts';
import { SimDisk, SimStore } from './disk.ts';
import { Machine } from './machine.ts';
import type { Site, SiteParts } from './site.ts';

/** Bytes of the events that an edge keeps: a few. */
const eventBytes = 40;

const policies: ReportPolicies = {
  ...defaultReportPolicies,
  event: { ...defaultReportPolicies.event, quotaBytes: eventBytes },
};

type Dial = (machine: Machine, signal: AbortSignal) => Promise<Socket>;

interface Running {
  readonly machine: Machine;
  readonly meta: MetaStore;
  readonly reports: ReportOutbox;
  readonly store: SimStore;
  readonly ended: Promise<void>;
}

/** Where an agent runs: its disk, and the process that runs on it now, if any. */
export class EdgeSite implements Site {
  readonly name: string;
  readonly node: NodeName;
  readonly wall = { offsetMs: 0 };
  readonly #parts: SiteParts;
  readonly #dial: Dial;
  readonly disk: SimDisk = new SimDisk();
  #machine: Machine | undefined;
  #running: Running | undefined;

  constructor(name: string, parts: SiteParts, dial: Dial) {
    this.name = name;
    this.node = nodeName(name);
    this.#parts = parts;
    this.#dial = dial;
    this.disk.onWrite = (writes, disk) => {
      parts.holdings(this.node).take(writes, disk);
      parts.reports.check(this.node, writes, disk);
    };
  }

  get machine(): Machine | undefined {
    return this.#running?.machine;
  }

  get isUp(): boolean {
    return this.#machine !== undefined;
  }

  get meta(): MetaStore | undefined {
    return this.#running?.meta;
  }

  get reports(): ReportOutbox | undefined {
    return this.#running?.reports;
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
    this.#parts.reports.died(this.node);
  }

  async stop(): Promise<void> {
    const [machine, running] = [this.#machine, this.#running];
    machine?.askToEnd();
    await running?.ended;
    await running?.store[Symbol.asyncDispose]();
    if (this.#machine === machine) this.kill();
  }

  wipe(): void {
    this.disk.clear();
    this.#parts.reports.wiped(this.node);
  }

  /** Something happens here that the cluster should know of. */
  report(kind: ReportClass, key: ObjectKey): void {
    const running = this.#running;
    if (!running) return;
    const { reports } = this.#parts;
    const number = reports.make(this.node, kind, key);
    const payload = new TextEncoder().encode(String(number).padStart(8, '0'));
    running.reports.report({ class: kind, key, payload }).then(
      () => {
        if (running.machine.alive) reports.kept(number);
      },
      () => reports.excuse(number),
    );
  }

  /** G6: what this process keeps in memory has a limit. */
  checkBounds(objects: number, keys: number): void {
    const { meta, reports } = this.#running ?? {};
    if (!meta || !reports) return;
    if (meta.size > objects) throw new Broken(`${this.name} holds ${meta.size} objects (G6)`);
    if (reports.bytesOf('event') > eventBytes)
      throw new Broken(`${this.name} keeps ${reports.bytesOf('event')} bytes of events (G6)`);
    if (reports.size > keys + eventBytes / 8)
      throw new Broken(`${this.name} keeps ${reports.size} reports (G6)`);
  }

  async #run(machine: Machine): Promise<void> {
    const { timeline, reports: book } = this.#parts;
    const store = new SimStore(this.disk, machine);
    const meta = await MetaStore.open(store);
    const reports = await ReportOutbox.open({
      ...{ store, policies, clock: machine },
      onDropped: (kind, reason) => book.gaveUp(this.node, kind, reason),
    });
    const ended = runLink(
      {
        dial: (signal) => this.#dial(machine, signal),
        redial: { firstMs: 50, maxMs: 3_000, unreachableMaxMs: 500 },
        identity: { node: this.node, agentVersion: 'sim', bootId: 'sim' },
        ...{ meta, reports, wake: () => undefined, unapplied: () => 0 },
        ...{ random: timeline.random.next, clock: machine, log: silentLog },
        observer: {
          up: () => undefined,
          levelled: () => undefined,
          down: ({ code }) => timeline.note(`${this.name} is down: ${code}`),
          roundTrip: () => undefined,
          received: () => undefined,
          persisted: () => undefined,
        },
      },
      machine.signal,
    );
    if (machine.alive) this.#running = { machine, meta, reports, store, ended };
    await ended;
  }
}
