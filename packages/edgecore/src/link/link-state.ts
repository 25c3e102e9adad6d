import type { Welcome } from '@skerry/proto/frames';
import type { Clock } from '@skerry/shared/clock';
import { latencyBucketsSeconds, type Counter, type Metrics } from '@skerry/shared/metrics';
import type { LinkObserver } from './link.ts';

/** How the hub answered last. */
export interface Heartbeat {
  readonly roundTripMs: number;
  /** By the monotonic clock, milliseconds. */
  readonly at: number;
}

/** What the rest of the agent wants to know of the link. */
export class LinkState implements LinkObserver {
  readonly #onUp: () => void;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #level = Promise.withResolvers<undefined>();
  readonly #count: (code: string) => void;
  readonly #began: Counter;
  readonly #observe: (seconds: number) => void;
  #session: string | undefined;
  #why = 'not connected yet';
  #heartbeat: Heartbeat | undefined;

  /** `onUp` is called whenever a session begins. */
  constructor(metrics: Metrics, clock: Pick<Clock, 'monotonic'>, onUp: () => void) {
    this.#onUp = onUp;
    this.#clock = clock;
    const downs = metrics.counter(
      'link_downs_total',
      'Ends of a session, or failed attempts, by reason.',
      ['code'],
    );
    const rtt = metrics.histogram(
      'link_round_trip_seconds',
      'Round trip of a heartbeat.',
      latencyBucketsSeconds,
    );
    const changes = metrics.counter(
      'changes_total',
      'Changes that the hub has sent, by what became of them.',
      ['outcome'],
    );
    const persisting = metrics.histogram(
      'change_persist_seconds',
      'Time from the arrival of changes until they are durable, and so acknowledged.',
      latencyBucketsSeconds,
    );
    this.received = (outcome) => changes.inc({ outcome });
    this.persisted = (ms) => persisting.observe(ms / 1_000);
    this.#began = metrics.counter(
      'link_sessions_total',
      'Sessions with a hub that began: all but the first are reconnects.',
    );
    this.#count = (code) => downs.inc({ code });
    this.#observe = (seconds) => rtt.observe(seconds);
    metrics.gaugeOf('link_up', '1 while a session with the hub lasts.', () => (this.isUp ? 1 : 0));
  }

  readonly received: LinkObserver['received'];
  readonly persisted: LinkObserver['persisted'];

  get isUp(): boolean {
    return this.#session !== undefined;
  }

  /** The newest answer of a hub to a heartbeat; undefined before the first. */
  get heartbeat(): Heartbeat | undefined {
    return this.#heartbeat;
  }

  /** Resolves once the node holds everything it is to hold, as of some session. */
  get whenLevel(): Promise<void> {
    return this.#level.promise;
  }

  /** Undefined while the link is up; otherwise why it is not. */
  get flaw(): string | undefined {
    return this.isUp ? undefined : this.#why;
  }

  readonly up = ({ session }: Welcome): void => {
    this.#session = session;
    this.#began.inc();
    this.#onUp();
  };

  readonly levelled = (): void => this.#level.resolve(undefined);

  readonly down = ({ code, reason }: { readonly code: string; readonly reason: string }): void => {
    this.#session = undefined;
    this.#why = reason;
    this.#count(code);
  };

  readonly roundTrip = (ms: number): void => {
    this.#heartbeat = { roundTripMs: ms, at: this.#clock.monotonic() };
    this.#observe(ms / 1_000);
  };
}
