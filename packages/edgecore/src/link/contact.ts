import type { Clock } from '@skerry/shared/clock';
import type { Store, Table } from '@skerry/shared/store';

/** How often it is noted that the hub is still there, milliseconds: a crash forgets so much at most. */
const NOTE_EVERY_MS = 60_000;
const KEY = 'last-contact';

/** Since when the node has been cut off, also across restarts of the agent and of the machine. */
export interface CutOff {
  /** Milliseconds since the epoch; undefined while there is a session with a hub. */
  readonly since: number | undefined;
  /** Calls `listener` whenever it begins or ends, until the answer is called. */
  listen(listener: () => void): () => void;
}

export class Contact implements CutOff {
  readonly #store: Store;
  readonly #state: Table;
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();
  #since: number | undefined;

  private constructor(store: Store, clock: Clock, since: number) {
    this.#store = store;
    this.#state = store.table('state');
    this.#clock = clock;
    this.#since = since;
  }

  /** A node that never had a session is cut off from now on; so is one whose note lies ahead of its clock. */
  static async open(store: Store, clock: Clock): Promise<Contact> {
    const noted = await store.table('state').get(KEY);
    const at = noted ? Number(Buffer.from(noted).toString('utf8')) : Number.NaN;
    const now = clock.now();
    return new Contact(store, clock, at <= now ? at : now);
  }

  get since(): number | undefined {
    return this.#since;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  up(): void {
    if (this.#since === undefined) return;
    this.#since = undefined;
    for (const listener of this.#listeners) listener();
  }

  /** Failed attempts to connect say nothing new. */
  down(): void {
    if (this.#since !== undefined) return;
    this.#since = this.#clock.now();
    for (const listener of this.#listeners) listener();
  }

  /** Notes the contact while there is one, until `signal` aborts. What the disk refuses is noted later. */
  async run(signal: AbortSignal): Promise<void> {
    const rest = (): Promise<boolean> =>
      this.#clock.sleep(NOTE_EVERY_MS, signal).then(
        () => true,
        () => false,
      );
    let noted: number | undefined;
    const note = async (at: number): Promise<void> => {
      if (at === noted) return;
      const write = this.#state.put(KEY, Buffer.from(String(at)));
      await this.#store.commit([write]).then(
        () => (noted = at),
        () => undefined,
      );
    };
    const unlisten = this.listen(() => void note(this.#since ?? this.#clock.now()));
    while (await rest()) if (this.#since === undefined) await note(this.#clock.now());
    unlisten();
    if (this.#since === undefined) await note(this.#clock.now());
  }
}
