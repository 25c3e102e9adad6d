import { dialInTurn } from '@skerry/edgecore/link/dial-in-turn';
import type { NodeName, Version } from '@skerry/shared/names';
import { ConnectionFailed, type Socket } from '@skerry/shared/socket';
import { Broken } from './broken.ts';
import { SimCluster } from './cluster.ts';
import { EdgeSite } from './edge-site.ts';
import { Holdings } from './holdings.ts';
import { HubSite, hubLimits } from './hub-site.ts';
import type { Machine } from './machine.ts';
import { Connection } from './network.ts';
import { ReportBook } from './reports.ts';
import type { Site } from './site.ts';
import type { Timeline } from './timeline.ts';

const dialTimeoutMs = 5_000;
/** Everything must be equal so long after the last fault, milliseconds. */
const patienceMs = 240_000;
/** Timers that may be waiting at once, in a world of five processes. */
const timerLimit = 400;

/** Keys that objects and statuses can have in a world. */
export const objectLimit = 8;

interface Link {
  readonly edge: EdgeSite;
  readonly hub: HubSite;
  readonly connection: Connection;
}

/** A cluster, hubs with a ledger each, nodes, and the network between them. */
export class World {
  readonly timeline: Timeline;
  readonly cluster = new SimCluster();
  readonly reports = new ReportBook();
  readonly hubs: readonly [HubSite, ...HubSite[]];
  readonly edges: readonly [EdgeSite, ...EdgeSite[]];
  readonly #holdings = new Map<NodeName, Holdings>();
  readonly #links = new Set<Link>();
  /** A hub has said what is not so: its ledger and outbox cannot be right before the next session. */
  #misled = false;
  /** Pairs between which no packet passes. */
  readonly #partitions = new Set<string>();

  constructor(timeline: Timeline, sizes: { readonly hubs: number; readonly edges: number }) {
    this.timeline = timeline;
    const parts = {
      ...{ timeline, cluster: this.cluster, reports: this.reports },
      holdings: (node: NodeName): Holdings => this.#holdingsOf(node),
    };
    const hub = (n: number): HubSite => new HubSite(`hub-${n}`, parts);
    this.hubs = [hub(1), ...Array.from({ length: sizes.hubs - 1 }, (_, n) => hub(n + 2))];
    const edge = (n: number): EdgeSite => {
      const site: EdgeSite = new EdgeSite(
        `edge-${n}`,
        parts,
        this.#dialer(() => site),
      );
      return site;
    };
    this.edges = [edge(1), ...Array.from({ length: sizes.edges - 1 }, (_, n) => edge(n + 2))];
  }

  get sites(): readonly [Site, ...Site[]] {
    return [...this.hubs, ...this.edges];
  }

  /** Connections of a site, the oldest first. */
  connectionsOf(site: Site): Connection[] {
    for (const link of this.#links) if (link.connection.over) this.#links.delete(link);
    return [...this.#links].flatMap(({ edge, hub, connection }) =>
      edge === site || hub === site ? [connection] : [],
    );
  }

  /** Kills the process: its system says so to its peers, unless the power failed. */
  crash(site: Site, powerFails: boolean): void {
    for (const connection of this.connectionsOf(site))
      if (powerFails) connection.silence();
      else connection.reset();
    site.kill();
  }

  partition(edge: EdgeSite, hub: HubSite): void {
    this.#partitions.add(`${edge.name} ${hub.name}`);
    for (const link of this.#links)
      if (link.edge === edge && link.hub === hub) link.connection.freeze();
  }

  heal(edge: EdgeSite, hub: HubSite): void {
    this.#partitions.delete(`${edge.name} ${hub.name}`);
    for (const link of this.#links)
      if (link.edge === edge && link.hub === hub) link.connection.thaw();
  }

  /** A connection of a node reaches a hub though the node has long given it up. */
  lateConnection(edge: EdgeSite, hub: HubSite): void {
    const machine = edge.machine;
    if (!machine || !hub.machine) return;
    const connection = this.#connect(edge, machine, hub, hub.machine);
    connection.silence();
  }

  /** A hub sends a node an older state of something that it holds; false where there is none. */
  mislead(edge: EdgeSite): boolean {
    const [held] = [...(edge.meta?.held() ?? [])].filter(({ version }) => version > 0n);
    if (!held) return false;
    this.#misled = true;
    const older = { ...held, version: (held.version - 1n) as Version, object: new Uint8Array(1) };
    for (const hub of this.hubs) hub.mislead(edge.node, older);
    return true;
  }

  /** Ends every fault. */
  healAll(): void {
    if (this.#misled) for (const { connection } of this.#links) connection.reset();
    this.cluster.isRefusing = false;
    for (const edge of this.edges) for (const hub of this.hubs) this.heal(edge, hub);
    for (const site of this.sites) {
      site.disk.isFull = false;
      if (!site.isUp) site.start();
    }
  }

  /** G6, of everything that is kept in memory. */
  checkBounds(): void {
    if (this.timeline.waiting > timerLimit)
      throw new Broken(`${this.timeline.waiting} timers wait (G6)`);
    for (const edge of this.edges) edge.checkBounds(objectLimit, objectLimit);
    for (const hub of this.hubs) {
      const { views } = hub;
      if (views.length > this.edges.length)
        throw new Broken(`${hub.name} has ${views.length} sessions (G6)`);
      for (const { node, pending, inflight } of views)
        if (pending > objectLimit || inflight > hubLimits.window.frames)
          throw new Broken(`${hub.name} has ${pending} + ${inflight} changes for ${node} (G6)`);
    }
  }

  /** Runs until nothing is left to do; throws Broken when that does not come. */
  async settle(): Promise<void> {
    const end = this.timeline.now + patienceMs;
    for (let why = this.#unsettled(); why !== undefined; why = this.#unsettled()) {
      if (this.timeline.now >= end) throw new Broken(`${why} (G1)`);
      await this.timeline.advance(1_000);
      this.checkBounds();
    }
  }

  /** What is not as it is to be, if anything. */
  #unsettled(): string | undefined {
    for (const edge of this.edges) {
      const why = this.#unequal(edge) ?? this.#unledgered(edge);
      if (why !== undefined) return why;
    }
    const [missing] = this.reports.missing();
    return missing;
  }

  #unequal({ name, node, meta, reports, disk }: EdgeSite): string | undefined {
    if (!meta || !reports) return `${name} is not up`;
    if (reports.size > 0) return `${name} keeps ${reports.size} reports`;
    const wanted = this.cluster.needs(node);
    for (const { key, uid, version } of wanted.values()) {
      const there = disk.read('index', key);
      const text = there ? Buffer.from(there).toString() : 'nothing';
      if (text !== `${version} ${uid}`)
        return `${name} has ${text} of ${key}, not ${version} ${uid}`;
      const object = Buffer.from(disk.read('objects', key) ?? []).toString();
      if (!object.includes(`"resourceVersion":"${version}"`))
        return `${name} has other bytes of ${key}: ${object}`;
    }
    const [extra] = [...meta.held()].filter(({ key }) => !wanted.has(key));
    return extra ? `${name} still holds ${extra.key}` : undefined;
  }

  #unledgered({ name, node, meta }: EdgeSite): string | undefined {
    const streaming = this.hubs.flatMap((hub) =>
      hub.views.flatMap((view) =>
        view.node === node && view.phase === 'streaming' ? [{ hub, view }] : [],
      ),
    );
    const digest = Buffer.from(meta?.digest() ?? []).toString('hex');
    const agreed = streaming.find(
      ({ view }) => Buffer.from(view.digest() ?? []).toString('hex') === digest,
    );
    if (!agreed) return `no hub agrees with what ${name} holds`;
    if (agreed.hub.disk.refusals > 0) return undefined; // the ledger may lag: the digest will tell
    const page = agreed.hub.disk
      .entries('acknowledged', { gt: `${node}\0`, lt: `${node}\x01` })
      .map(([key, entry]) => `${key.slice(node.length + 1)} ${Buffer.from(entry).toString()}`);
    const held = [...(meta?.held() ?? [])].map(
      ({ key, version, uid }) => `${key} ${version} ${uid}`,
    );
    return page.join() === held.sort().join()
      ? undefined
      : `the ledger has ${page.join()} of ${name}`;
  }

  #holdingsOf(node: NodeName): Holdings {
    const known = this.#holdings.get(node);
    if (known) return known;
    const made = new Holdings(node);
    this.#holdings.set(node, made);
    return made;
  }

  #dialer(site: () => EdgeSite): (machine: Machine, signal: AbortSignal) => Promise<Socket> {
    const [first, ...others] = this.hubs.map(({ name }) => name);
    let caller: Machine | undefined;
    const dial = dialInTurn([first ?? '', ...others], (name, signal) => {
      const hub = this.hubs.find((each) => each.name === name);
      return this.#dial(site(), caller!, hub!, signal);
    });
    return (machine, signal) => {
      caller = machine;
      return dial(signal);
    };
  }

  async #dial(
    edge: EdgeSite,
    machine: Machine,
    hub: HubSite,
    signal: AbortSignal,
  ): Promise<Socket> {
    const { random } = this.timeline;
    await machine.sleep(random.delay(5, 500), signal);
    if (this.#partitions.has(`${edge.name} ${hub.name}`)) {
      await machine.sleep(dialTimeoutMs, signal);
      throw new ConnectionFailed(`no answer from ${hub.name}`, { answered: false });
    }
    const far = hub.machine;
    if (!far?.alive) throw new ConnectionFailed(`${hub.name} is not there`, { answered: false });
    const connection = this.#connect(edge, machine, hub, far);
    await machine.sleep(random.delay(5, 500), signal);
    return connection.ends[0];
  }

  #connect(edge: EdgeSite, near: Machine, hub: HubSite, far: Machine): Connection {
    const connection = new Connection(this.timeline, near, far);
    this.#links.add({ edge, hub, connection });
    hub.admit(edge.node, connection.ends[1]);
    return connection;
  }
}
