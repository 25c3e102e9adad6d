import { runLink, type LinkObserver } from '@skerry/edgecore/link/link';
import type { RedialLimits } from '@skerry/edgecore/link/redial';
import type { Clock, Random } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import type { Socket } from '@skerry/shared/socket';
import { skerryVersion } from '@skerry/shared/version';
import { MemoryReports } from './memory-reports.ts';
import { VersionStore } from './version-store.ts';

/** Makes a connection to the hub as the node of that name. */
export type DialAs = (node: NodeName, signal: AbortSignal) => Promise<Socket>;

/** Where a node stands: not connected, connected, or connected and told everything it lacked. */
export type Standing = 'down' | 'up' | 'level';

/** Told what simulated agents do; must not throw. */
export interface AgentObserver {
  readonly turned: (agent: SimulatedAgent, from: Standing, to: Standing) => void;
  /** A session ended, or an attempt to connect failed. */
  readonly failed: (why: { readonly code: string; readonly reason: string }) => void;
  /** A change is durable, as far as memory can be. */
  readonly applied: (agent: SimulatedAgent, key: ObjectKey) => void;
  readonly settled: (outcome: 'accepted' | 'refused', ms: number) => void;
}

export interface AgentParts {
  readonly dialAs: DialAs;
  readonly redial: RedialLimits;
  readonly observer: AgentObserver;
  readonly clock: Clock;
  readonly random: Random;
}

/** The link of a real agent, on a store in memory and with nothing behind it. */
export class SimulatedAgent {
  readonly node: NodeName;
  readonly store: VersionStore = new VersionStore();
  readonly reports: MemoryReports;
  readonly #parts: AgentParts;
  #standing: Standing = 'down';
  #socket: Socket | undefined;

  constructor(node: NodeName, parts: AgentParts) {
    this.node = node;
    this.#parts = parts;
    this.reports = new MemoryReports({ clock: parts.clock, settled: parts.observer.settled });
  }

  /** Keeps connected until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { observer, dialAs, ...parts } = this.#parts;
    const link: LinkObserver = {
      up: () => this.#turn('up'),
      levelled: () => this.#turn('level'),
      down: (why) => {
        this.#turn('down');
        observer.failed(why);
      },
      roundTrip: () => undefined,
      received: () => undefined,
      persisted: () => undefined,
    };
    await runLink(
      {
        ...parts,
        dial: async (inner) => (this.#socket = await dialAs(this.node, inner)),
        identity: { node: this.node, agentVersion: skerryVersion, bootId: 'simulated' },
        meta: this.store,
        reports: this.reports,
        wake: (key) => observer.applied(this, key),
        unapplied: () => 0,
        observer: link,
        log: silentLog,
      },
      signal,
    );
    this.#turn('down');
  }

  /** Cuts the connection, as a network does. */
  cut(): void {
    this.#socket?.cut();
  }

  #turn(to: Standing): void {
    const from = this.#standing;
    this.#standing = to;
    if (from !== to) this.#parts.observer.turned(this, from, to);
  }
}
