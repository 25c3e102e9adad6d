import type { Clock } from '@skerry/shared/clock';
import { keyParts, type NodeName, type Version } from '@skerry/shared/names';
import { at, text } from '../kube/json-read.ts';
import type { KubeSource } from '../kube/kube-api.ts';
import { NotFound } from '../kube/kube-errors.ts';
import { leases, nodes } from '../kube/resource.ts';
import type { Observed } from '../route/observed.ts';
import type { Placement } from '../route/placement.ts';
import { parseObject } from '../upstream/current-objects.ts';
import { leaseKey } from '../upstream/lease-keeper.ts';
import { factsOf, judgeNode, type NodeFacts } from './node-lifecycle.ts';

/** The signs of life that this hub has had. */
export interface Beats {
  /** Monotonic, milliseconds. */
  seenAt(node: NodeName): number | undefined;
  /** `spec.renewTime` that this hub last wrote into the node's Lease. */
  renewTimeOf(node: NodeName): string | undefined;
}

export interface NodeWatchParts {
  readonly api: Pick<KubeSource, 'get'>;
  readonly placement: Pick<Placement, 'all' | 'find'>;
  readonly beats: Beats;
  readonly graceMs: number;
  readonly clock: Clock;
}

/** A node as it is judged. */
export interface NodeView {
  readonly facts: NodeFacts;
  readonly silent: boolean;
  readonly podsMarked: boolean;
}

interface Watched {
  version: Version;
  facts: NodeFacts;
  /** The last sign of life other than a heartbeat to this hub; monotonic. */
  aliveAt: number;
  /** `spec.renewTime` as last read. */
  renewTime?: string | undefined;
  podsMarked: boolean;
}

/** Who is silent, by the signs of life of this hub and, before judging, of the others. */
export class NodeWatch {
  readonly #parts: NodeWatchParts;
  readonly #watched = new Map<NodeName, Watched>();

  constructor(parts: NodeWatchParts) {
    this.#parts = parts;
  }

  /** Looks at every Node; returns those about which something is to be done. */
  look(): NodeName[] {
    const present = new Set<NodeName>();
    for (const observed of this.#parts.placement.all(nodes.name)) {
      const node = keyParts(observed.key).name as NodeName;
      present.add(node);
      this.#learn(node, observed);
    }
    for (const node of this.#watched.keys()) if (!present.has(node)) this.#watched.delete(node);
    return [...present].filter((node) => {
      const view = this.view(node);
      return view !== undefined && judgeNode(view.facts, view).length > 0;
    });
  }

  view(node: NodeName): NodeView | undefined {
    const watched = this.#watched.get(node);
    if (!watched) return undefined;
    const silent = this.isSilent(node);
    if (!silent) watched.podsMarked = false;
    return { facts: watched.facts, silent, podsMarked: watched.podsMarked };
  }

  isSilent(node: NodeName): boolean {
    const { clock, beats, graceMs } = this.#parts;
    const aliveAt = this.#watched.get(node)?.aliveAt ?? clock.monotonic();
    return clock.monotonic() - Math.max(aliveAt, beats.seenAt(node) ?? aliveAt) > graceMs;
  }

  podsAreMarked(node: NodeName): void {
    const watched = this.#watched.get(node);
    if (watched) watched.podsMarked = true;
  }

  /** A node that is silent here may be connected to another hub: its Lease tells. */
  async askElsewhere(node: NodeName, signal: AbortSignal): Promise<void> {
    const watched = this.#watched.get(node);
    if (!watched || !this.isSilent(node) || watched.facts.ready === 'Unknown') return;
    const renewTime = await this.#readRenewTime(node, signal);
    const before = watched.renewTime;
    watched.renewTime = renewTime;
    if (renewTime === undefined || renewTime === this.#parts.beats.renewTimeOf(node)) return;
    if (before === undefined ? this.#isRecent(renewTime) : renewTime !== before)
      watched.aliveAt = this.#parts.clock.monotonic();
  }

  #learn(node: NodeName, observed: Observed): void {
    const { clock } = this.#parts;
    const known = this.#watched.get(node);
    if (known?.version === observed.version) return;
    const facts = factsOf(parseObject(Buffer.from(observed.object ?? [])));
    const { version } = observed;
    if (known) Object.assign(known, { version, facts });
    else this.#watched.set(node, { version, facts, aliveAt: clock.monotonic(), podsMarked: false });
  }

  async #readRenewTime(node: NodeName, signal: AbortSignal): Promise<string | undefined> {
    try {
      const lease = await this.#parts.api.get(leases, leaseKey(node), signal);
      return text(at(parseObject(lease), 'spec', 'renewTime'));
    } catch (error) {
      if (error instanceof NotFound) return undefined;
      throw error;
    }
  }

  /** Only for a Lease never read before; from then on, what counts is that it changes. */
  #isRecent(renewTime: string): boolean {
    return Math.abs(this.#parts.clock.now() - Date.parse(renewTime)) <= this.#parts.graceMs;
  }
}
