import { NODE_REPORT_MS } from '@skerry/edgecore/node/run-node';
import { EdgeError } from '@skerry/shared/errors';
import type { NodeName, ObjectKey, Version } from '@skerry/shared/names';
import { aborted, supervise, whenAborted } from '@skerry/shared/supervise';
import { SimulatedAgent, type AgentObserver, type AgentParts, type Standing } from './agent.ts';
import { DeviceValues, generatorOf, type Load } from './device-load.ts';
import { deviceReport, isDevice, nodeKey, simulatedNode } from './objects.ts';
import { Rota } from './rota.ts';
import { Tally } from './tally.ts';

/** The hub takes no more nodes: what was asked for cannot be had. */
export class HubIsFull extends EdgeError {
  readonly code = 'sim.hub-is-full';
  readonly disposition = 'fatal';
}

export interface FleetParts extends Omit<AgentParts, 'observer'> {
  readonly nodes: readonly NodeName[];
  /** Nodes that begin to connect each second. */
  readonly startsPerSecond: number;
  /** Every device reports once in this time, milliseconds. */
  readonly reportMs: number;
  /** How the values of devices change. */
  readonly load: Load;
}

interface Device {
  readonly agent: SimulatedAgent;
  readonly key: ObjectKey;
  readonly values: DeviceValues;
}

interface Awaited {
  readonly version: Version;
  readonly resolve: () => void;
}

const tickMs = 100;

/**
 * Many simulated agents in this process. Each registers its Node whenever it is connected, and reports
 * the devices that the hub has placed on it in turn.
 */
export class Fleet {
  readonly tally: Tally = new Tally();
  readonly #parts: FleetParts;
  readonly #agents: readonly SimulatedAgent[];
  readonly #nodes = new Rota<SimulatedAgent>(NODE_REPORT_MS);
  readonly #devices: Rota<Device>;
  readonly #known = new Map<ObjectKey, SimulatedAgent>();
  readonly #awaited = new Map<ObjectKey, Awaited[]>();
  readonly #full = Promise.withResolvers<never>();
  readonly #since: number;
  readonly #generator: ReturnType<typeof generatorOf>;

  constructor(parts: FleetParts) {
    this.#parts = parts;
    this.#since = parts.clock.now();
    this.#generator = generatorOf(parts.load);
    this.#devices = new Rota(parts.reportMs);
    const observer: AgentObserver = {
      turned: (agent, from, to) => this.#turned(agent, from, to),
      failed: (why) => this.#failed(why),
      applied: (agent, key) => this.#applied(agent, key),
      settled: (outcome, ms) => this.#settled(outcome, ms),
    };
    this.#agents = parts.nodes.map((node) => new SimulatedAgent(node, { ...parts, observer }));
    for (const agent of this.#agents) this.#nodes.add(agent);
    this.#full.promise.catch(() => undefined);
  }

  get size(): number {
    return this.#agents.length;
  }

  /** Devices that have come to a node. */
  get devices(): number {
    return this.#known.size;
  }

  /** A device that a node holds, of all in the order in which they came; undefined beyond the last. */
  device(place: number): ObjectKey | undefined {
    return this.#devices.at(place)?.key;
  }

  /** Until the signal aborts. Throws HubIsFull. */
  async run(signal: AbortSignal): Promise<void> {
    await supervise(signal, {
      agents: (inner) => this.#runAgents(inner),
      reports: (inner) => this.#report(inner),
      full: (inner) => Promise.race([this.#full.promise, aborted(inner)]),
    });
  }

  /** Cuts every connection at once. */
  cut(): void {
    for (const agent of this.#agents) agent.cut();
  }

  /** Resolves when a node holds the object at this version or a newer one. */
  async durable(key: ObjectKey, version: Version, signal: AbortSignal): Promise<void> {
    if ((this.#known.get(key)?.store.get(key)?.version ?? -1n) >= version) return;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const settle = (): void => resolve(undefined);
    using _ = whenAborted(signal, settle);
    this.#awaited.set(key, [...(this.#awaited.get(key) ?? []), { version, resolve: settle }]);
    await promise;
  }

  async #runAgents(signal: AbortSignal): Promise<void> {
    const { clock, startsPerSecond } = this.#parts;
    const running: Promise<void>[] = [];
    const perTick = Math.max(1, Math.round((startsPerSecond * tickMs) / 1_000));
    try {
      for (let from = 0; from < this.#agents.length; from += perTick) {
        const next = this.#agents.slice(from, from + perTick);
        // A signal of its own for each: thousands of listeners on one are searched at every change.
        running.push(...next.map((agent) => agent.run(AbortSignal.any([signal]))));
        await clock.sleep((perTick / startsPerSecond) * 1_000, signal);
      }
    } finally {
      await Promise.all(running);
    }
  }

  async #report(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    for (let before = clock.monotonic(); ;) {
      await clock.sleep(tickMs, signal);
      const now = clock.monotonic();
      for (const device of this.#devices.due(now - before)) this.#reportDevice(device);
      for (const agent of this.#nodes.due(now - before)) this.#reportNode(agent);
      before = now;
    }
  }

  #reportNode({ reports, node }: SimulatedAgent): void {
    reports.report(nodeKey(node), simulatedNode(node, this.#since, this.#parts.clock.now()));
  }

  /** One that has been deleted meanwhile has nothing to say. */
  #reportDevice({ agent: { reports, store }, key, values }: Device): void {
    const held = store.get(key);
    if (!held) return;
    const now = this.#parts.clock.now();
    reports.report(key, deviceReport(held.uid, values.next(now - this.#since), now));
  }

  #turned(agent: SimulatedAgent, from: Standing, to: Standing): void {
    this.tally.connected += Number(to !== 'down') - Number(from !== 'down');
    this.tally.level += Number(to === 'level') - Number(from === 'level');
    if (to === 'up') this.#reportNode(agent);
  }

  #failed({ code, reason }: { readonly code: string; readonly reason: string }): void {
    this.tally.failed(code);
    if (reason.includes('session.full')) this.#full.reject(new HubIsFull(reason));
  }

  #applied(agent: SimulatedAgent, key: ObjectKey): void {
    this.tally.changes++;
    if (!isDevice(key)) return;
    if (!this.#known.has(key)) this.#devices.add({ agent, key, values: this.#newValues() });
    this.#known.set(key, agent);
    this.#tell(key, agent.store.get(key)?.version ?? -1n);
  }

  #newValues(): DeviceValues {
    return new DeviceValues(this.#generator, this.#parts.random);
  }

  #tell(key: ObjectKey, held: bigint): void {
    const awaited = this.#awaited.get(key);
    if (!awaited) return;
    const left = awaited.filter(({ version }) => version > held);
    for (const one of awaited) if (one.version <= held) one.resolve();
    if (left.length > 0) this.#awaited.set(key, left);
    else this.#awaited.delete(key);
  }

  #settled(outcome: 'accepted' | 'refused', ms: number): void {
    if (outcome === 'refused') this.tally.reportsRefused++;
    else {
      this.tally.reportsAccepted++;
      this.tally.reportMs.add(ms);
    }
  }
}
