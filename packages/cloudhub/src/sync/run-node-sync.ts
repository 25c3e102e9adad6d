import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import { nodeName, objectKey, type NodeName } from '@skerry/shared/names';
import { aborted } from '@skerry/shared/supervise';
import type { KubeApi } from '../kube/kube-api.ts';
import { AlreadyExists, NotFound } from '../kube/kube-errors.ts';
import { apiVersionOf, nodes, nodeSyncs } from '../kube/resource.ts';
import type { Placement } from '../route/placement.ts';
import type { SessionView } from '../session/session-parts.ts';
import {
  hasFlipped,
  isUnmoved,
  nodeSyncStatus,
  saysTheSame,
  type NodeSyncStatus,
} from './node-sync.ts';

/** Time between two looks at the sessions, milliseconds. */
export const lookEveryMs = 1_000;
/** A NodeSync that merely counts on is written so often, milliseconds. */
export const writeEveryMs = 10_000;
/** After a start, nodes have so long to come back before they are said to be gone, milliseconds. */
export const returnGraceMs = 10_000;

/** NodeSyncs written in one look because something turned; what is beyond waits for the next. */
export const turnsPerLook = 100;
/** NodeSyncs written in one look that merely count on. */
export const countsPerLook = 20;

export interface NodeSyncParts {
  readonly api: KubeApi;
  readonly placement: Placement;
  readonly views: () => readonly SessionView[];
  /** Names this hub to people. */
  readonly hub: string;
  readonly clock: Clock;
  readonly log: Log;
}

interface Shown {
  readonly status: NodeSyncStatus;
  /** Of the session that it was read from. */
  readonly view: SessionView | undefined;
  /** Monotonic milliseconds. */
  readonly at: number;
}

/**
 * Keeps one NodeSync per node: at once when a node comes, goes, becomes level or refuses something, and
 * otherwise at most every ten seconds; with thousands of nodes as soon as its turn comes. A cluster that does not know the kind, or refuses the write, is
 * asked again later; nothing else waits for it.
 */
export async function runNodeSync(parts: NodeSyncParts, signal: AbortSignal): Promise<void> {
  const board = new Board(parts);
  await Promise.race([parts.placement.whenSynced, aborted(signal)]);
  await board.recall(signal);
  const start = parts.clock.monotonic();
  for (;;) {
    await parts.clock.sleep(lookEveryMs, signal);
    await board.update({ mayBury: parts.clock.monotonic() - start > returnGraceMs }, signal);
  }
}

class Board {
  readonly #parts: NodeSyncParts;
  readonly #shown = new Map<NodeName, Shown>();
  #quietUntil = 0;

  constructor(parts: NodeSyncParts) {
    this.#parts = parts;
  }

  /** What this hub said before it was started again: it is for this hub to correct. */
  async recall(signal: AbortSignal): Promise<void> {
    try {
      let next: string | undefined;
      do {
        const page = await this.#parts.api.list(nodeSyncs, { limit: 500, continue: next }, signal);
        for (const item of page.items) this.#remember(JSON.parse(item.toString('utf8')) as Kept);
        next = page.continue;
      } while (next !== undefined);
    } catch (error) {
      this.#failed(error, signal);
    }
  }

  /** One write at a time, and only so many: a cluster has more to do than to be told of ten thousand nodes. */
  async update({ mayBury }: { readonly mayBury: boolean }, signal: AbortSignal): Promise<void> {
    for (const due of chooseDue(this.#allDue(mayBury))) {
      if (this.#parts.clock.monotonic() < this.#quietUntil) return;
      await this.#carryOut(due, signal).catch((error: unknown) => this.#failed(error, signal));
    }
  }

  #allDue(mayBury: boolean): Due[] {
    const views = new Map(this.#parts.views().map((view) => [view.node, view]));
    const absent = mayBury ? [...this.#shown.keys()].filter((node) => !views.has(node)) : [];
    return [...views.keys(), ...absent].flatMap((node) => this.#due(node, views.get(node)) ?? []);
  }

  /** What is to be done about a node; undefined when it has nothing to tell. */
  #due(node: NodeName, view: SessionView | undefined): Due | undefined {
    const shown = this.#shown.get(node);
    if (view) return isUnmoved(shown?.view, view) ? undefined : this.#news(node, view, shown);
    const isThere = this.#parts.placement.find(objectKey(nodes.name, '', node)) !== undefined;
    if (isThere) return this.#news(node, view, shown);
    return { do: 'remove', node, hasTurned: true, since: shown?.at ?? -Infinity };
  }

  #news(
    node: NodeName,
    view: SessionView | undefined,
    { status: before, at: since }: Partial<Shown> = {},
  ): Due | undefined {
    const { clock, hub } = this.#parts;
    const status = nodeSyncStatus(view, before, { hub, now: clock.now() });
    if (saysTheSame(before, status)) return undefined;
    const due = { do: 'write', node, view, status, since: since ?? -Infinity } as const;
    const hasTurned = hasFlipped(before, status);
    return hasTurned || clock.monotonic() - due.since >= writeEveryMs
      ? { ...due, hasTurned }
      : undefined;
  }

  async #carryOut(due: Due, signal: AbortSignal): Promise<void> {
    const { node } = due;
    if (due.do === 'remove') {
      await this.#remove(node, signal);
      return;
    }
    const { view, status } = due;
    if (!view && (await this.#isElsewhere(node, signal))) {
      this.#shown.delete(node);
      return;
    }
    await this.#write(node, status, signal);
    this.#shown.set(node, { status, view, at: this.#parts.clock.monotonic() });
  }

  /** Whether another hub speaks of the node by now. */
  async #isElsewhere(node: NodeName, signal: AbortSignal): Promise<boolean> {
    const key = objectKey(nodeSyncs.name, '', node);
    try {
      const kept = await this.#parts.api.get(nodeSyncs, key, signal);
      return (JSON.parse(kept.toString('utf8')) as Kept).status?.hub !== this.#parts.hub;
    } catch (error) {
      if (error instanceof NotFound) return false;
      throw error;
    }
  }

  async #write(node: NodeName, status: NodeSyncStatus, signal: AbortSignal): Promise<void> {
    const { api } = this.#parts;
    const patch = { kind: 'merge', body: { status }, subresource: 'status' } as const;
    const key = objectKey(nodeSyncs.name, '', node);
    try {
      await api.patch(nodeSyncs, key, patch, signal);
    } catch (error) {
      if (!(error instanceof NotFound)) throw error;
      await this.#create(node, signal);
      await api.patch(nodeSyncs, key, patch, signal);
    }
  }

  async #create(node: NodeName, signal: AbortSignal): Promise<void> {
    const metadata = { name: node };
    const object = { apiVersion: apiVersionOf(nodeSyncs), kind: nodeSyncs.kind, metadata };
    await this.#parts.api.create(nodeSyncs, '', object, signal).catch((error: unknown) => {
      if (!(error instanceof AlreadyExists)) throw error;
    });
  }

  /** The Node is gone from the cluster: so goes what was said of it. */
  async #remove(node: NodeName, signal: AbortSignal): Promise<void> {
    const key = objectKey(nodeSyncs.name, '', node);
    await this.#parts.api.delete(nodeSyncs, key, {}, signal).catch((error: unknown) => {
      if (!(error instanceof NotFound)) throw error;
    });
    this.#shown.delete(node);
  }

  #remember({ metadata, status }: Kept): void {
    if (status?.hub !== this.#parts.hub) return;
    this.#shown.set(nodeName(metadata.name), { status, view: undefined, at: -Infinity });
  }

  #failed(error: unknown, signal: AbortSignal): void {
    signal.throwIfAborted();
    this.#quietUntil = this.#parts.clock.monotonic() + writeEveryMs;
    const hint = 'is deploy/crds applied, and may this account write nodesyncs/status?';
    this.#parts.log.warn(
      { code: codeOf(error), reason: messageOf(error), hint },
      'failed to show how far nodes are in sync',
    );
  }
}

/** What is to be done about one NodeSync. */
type Due = {
  readonly node: NodeName;
  readonly hasTurned: boolean;
  /** When it was last written; monotonic milliseconds. */
  readonly since: number;
} & (
  | { readonly do: 'remove' }
  | {
      readonly do: 'write';
      readonly view: SessionView | undefined;
      readonly status: NodeSyncStatus;
    }
);

/** What turned first, and of each kind what was left alone longest: nobody waits for ever. */
function chooseDue(all: readonly Due[]): Due[] {
  const longestFirst = all.toSorted((a, b) => (a.since < b.since ? -1 : Number(a.since > b.since)));
  return [
    ...longestFirst.filter(({ hasTurned }) => hasTurned).slice(0, turnsPerLook),
    ...longestFirst.filter(({ hasTurned }) => !hasTurned).slice(0, countsPerLook),
  ];
}

interface Kept {
  readonly metadata: { readonly name: string };
  readonly status?: NodeSyncStatus;
}
