import { Seeded } from './seeded.ts';

interface Planned {
  readonly at: number;
  /** Decides between events of the same moment. */
  readonly tie: number;
  act: (() => void) | undefined;
}

/** Calls off what was planned. */
export type CallOff = () => void;

/**
 * Simulated time: events in order of their moment, equal moments in an order that the seed draws. After
 * each event everything that follows from it without waiting is run to its end. Nothing here asks the
 * machine for the time, so one seed always gives the same history; `trace` is its fingerprint.
 */
export class Timeline {
  readonly random: Seeded;
  #now = 0;
  #planned: Planned[] = [];
  #live = 0;
  #trace = 0x811c9dc5;
  #failure: unknown;
  /** Told of everything that is noted. */
  onNote: ((note: string) => void) | undefined;

  constructor(seed: number) {
    this.random = new Seeded(seed);
  }

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#now;
  }

  /** Events that are still to come. */
  get waiting(): number {
    return this.#live;
  }

  /** Hash of everything noted so far. */
  get trace(): string {
    return (this.#trace >>> 0).toString(16).padStart(8, '0');
  }

  /** Takes something into the trace. */
  note(what: string): void {
    let hash = this.#trace ^ (this.#now * 1_024);
    for (let i = 0; i < what.length; i++) hash = Math.imul(hash ^ what.charCodeAt(i), 0x01000193);
    this.#trace = hash;
    this.onNote?.(`${this.#now.toFixed(3).padStart(12)} ${what}`);
  }

  /** Something for people who replay a seed; made only then. */
  explain(what: () => string): void {
    this.onNote?.(`${' '.repeat(13)}${what()}`);
  }

  /** Ends the run: `advance` throws it. */
  fail(failure: unknown): void {
    this.#failure ??= failure;
  }

  after(ms: number, act: () => void): CallOff {
    const planned: Planned = { at: this.#now + ms, tie: this.random.next(), act };
    this.#live++;
    this.#rise(this.#planned.push(planned) - 1);
    return () => {
      if (planned.act) this.#live--;
      planned.act = undefined;
    };
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** Runs the events of the next `ms` milliseconds. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await quiet();
    for (let next = this.#first(end); next; next = this.#first(end)) {
      this.#now = next.at;
      const { act } = next;
      next.act = undefined;
      if (!act) continue;
      this.#live--;
      act();
      await quiet();
      if (this.#failure) throw this.#failure as Error;
    }
    this.#now = end;
    if (this.#failure) throw this.#failure as Error;
  }

  #first(end: number): Planned | undefined {
    const [first] = this.#planned;
    if (!first || first.at > end) return undefined;
    const last = this.#planned.pop();
    if (last && last !== first) {
      this.#planned[0] = last;
      this.#sink();
    }
    return first;
  }

  #rise(from: number): void {
    const heap = this.#planned;
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap[at]!, heap[parent]!)) return;
      [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
      at = parent;
    }
  }

  #sink(): void {
    const heap = this.#planned;
    for (let at = 0; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < heap.length && isBefore(heap[child]!, heap[least]!)) least = child;
      if (least === at) return;
      [heap[at], heap[least]] = [heap[least]!, heap[at]!];
      at = least;
    }
  }
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie);
}

/** Resolves when every promise that can settle without time has: Node runs ticks after microtasks. */
function quiet(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}
