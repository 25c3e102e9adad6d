import { EdgeError } from '@skerry/shared/errors';
import type { Version } from '@skerry/shared/names';

/** The newest version of the cluster is lower than one it had before: it was restored from a backup. */
export class Rewound extends EdgeError {
  readonly code = 'watch.rewound';
  readonly disposition = 'retry';
  /** The newest version now. */
  readonly to: Version;

  constructor(from: Version, to: Version) {
    super(`the cluster was at version ${from} and is at ${to}: it was restored from a backup`);
    this.to = to;
  }
}

/** Where a cluster's versions stand. */
export interface LineState {
  /** Counts the restores: versions are comparable within one epoch. The first is 1. */
  readonly epoch: number;
  /** The highest version seen in this epoch. */
  readonly horizon: Version;
}

/** Of a hub that has seen nothing yet. */
export const firstLine: LineState = { epoch: 1, horizon: 0n as Version };

/**
 * The number line on which the versions of a cluster lie. Restoring a cluster from a backup begins a new
 * line: a version may then mean something else than it did before, and the lower may be the newer.
 */
export class NumberLine {
  #state: LineState;

  constructor(state: LineState = firstLine) {
    this.#state = state;
  }

  get state(): LineState {
    return this.#state;
  }

  get epoch(): number {
    return this.#state.epoch;
  }

  get horizon(): Version {
    return this.#state.horizon;
  }

  /** Something of the cluster bears this version. */
  seen(version: Version): void {
    if (version > this.#state.horizon) this.#state = { ...this.#state, horizon: version };
  }

  /**
   * A list came with this version; `before` was the horizon when it was asked for. Lists are consistent
   * reads, so none can be older than what was seen before.
   *
   * @throws Rewound when it is.
   */
  listed(version: Version, before: Version): void {
    if (version < before) throw new Rewound(before, version);
    this.seen(version);
  }

  /** Begins the next epoch. */
  rewind({ to }: Rewound): void {
    this.#state = { epoch: this.epoch + 1, horizon: to };
  }
}
