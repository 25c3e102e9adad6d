import type { Clock } from '@skerry/shared/clock';
import { EdgeError } from '@skerry/shared/errors';
import type { ObjectReader } from '../../meta/object-reader.ts';
import type { Runtimes } from '../../runtime/runtimes.ts';
import type { Fields } from '../fields.ts';

/** Where samples come from. */
export interface Source {
  /**
   * One sample, in the unit of the source; at once where nothing has to be waited for. Throws when there is
   * none, best a CannotSample; ends early when `signal` aborts.
   */
  sample(signal: AbortSignal): number | Promise<number>;
  /** The newest lines that count, for people who want to know why; only of logs. */
  evidence?(signal: AbortSignal): Promise<readonly string[]>;
}

/** There is nothing to measure now; the message says why, and where possible what to do. */
export class CannotSample extends EdgeError {
  readonly code = 'judgement.cannot-sample';
  readonly disposition = 'retry';
}

/** The link to the hub, as sources see it. */
export interface HubFacts {
  readonly isUp: boolean;
  readonly heartbeat: { readonly roundTripMs: number; readonly at: number } | undefined;
}

/** Reports that wait for the hub. */
export interface OutboxFacts {
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly oldestAt: number | undefined;
}

/** A reported value, and when it was heard, milliseconds since the epoch. */
export interface HeardValue {
  readonly value: string;
  readonly at: number;
}

/** What sources measure. */
export interface SourceParts {
  readonly dataDir: string;
  /** PEM file of the node's own certificate. */
  readonly certificate: string;
  readonly objects: ObjectReader;
  readonly runtimes: Pick<Runtimes, 'health' | 'ready'>;
  readonly hub: HubFacts;
  readonly outbox: OutboxFacts;
  /** What a device last reported of a property; undefined when it never did. */
  readonly heard: (
    namespace: string,
    device: string,
    property: string,
  ) => Promise<HeardValue | undefined>;
  readonly clock: Clock;
  /** Where the kernel shows itself; another place in tests. */
  readonly kernel?: { readonly proc: string; readonly sys: string };
}

/** Reads the settings once, and throws MalformedJudgement if they are wrong. */
export type OpenSource = (settings: Fields, parts: SourceParts) => Source;
