import { decode } from '@skerry/proto/codec';
import type { Frame } from '@skerry/proto/frames';
import type { Closed, Socket } from '@skerry/shared/socket';
import type { Machine } from './machine.ts';
import type { Timeline } from './timeline.ts';

const broken: Closed = { code: 1006, reason: '' };
const closeGraceMs = 2_000;

type Parcel = Uint8Array | Closed;

/** One direction of a connection: what was sent and has not arrived, in order. */
class Wire {
  readonly #timeline: Timeline;
  readonly #to: SimSocket;
  readonly #parcels: Parcel[] = [];
  #planned = false;
  #frozen = false;
  bytes = 0;

  constructor(timeline: Timeline, to: SimSocket) {
    this.#timeline = timeline;
    this.#to = to;
  }

  push(parcel: Parcel): void {
    this.#parcels.push(parcel);
    this.bytes += sizeOf(parcel);
    this.#plan();
  }

  /** Nothing arrives any more; what was sent waits, as in TCP's buffers. */
  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    this.#plan();
  }

  /** Of what is on its way only some still arrives, and nothing after it. */
  tear(): void {
    const kept = this.#frozen ? 0 : this.#timeline.random.between(0, this.#parcels.length);
    for (const parcel of this.#parcels.splice(0, kept)) this.#to.arrive(parcel);
    this.#parcels.length = 0;
    this.bytes = 0;
  }

  #plan(): void {
    if (this.#planned || this.#frozen || this.#parcels.length === 0) return;
    this.#planned = true;
    this.#timeline.after(this.#timeline.random.delay(8, 400), () => this.#deliver());
  }

  #deliver(): void {
    this.#planned = false;
    if (this.#frozen) return;
    const count = this.#timeline.random.chance(0.5) ? 1 : this.#parcels.length;
    for (const parcel of this.#parcels.splice(0, count)) {
      this.bytes -= sizeOf(parcel);
      this.#to.arrive(parcel);
    }
    this.#plan();
  }
}

/** A frame without its bytes. */
function wordsOf(frame: Frame): string {
  return JSON.stringify(frame, (field, value: unknown) =>
    ['object', 'payload', 'session', 'digest'].includes(field) ? undefined : value,
  );
}

function sizeOf(parcel: Parcel): number {
  return parcel instanceof Uint8Array ? parcel.length : 0;
}

/** One end of a simulated connection. */
export class SimSocket implements Socket {
  readonly machine: Machine;
  readonly #ended = Promise.withResolvers<Closed>();
  readonly #arrived: Uint8Array[] = [];
  readonly #connection: Connection;
  #over = false;
  #closing = false;
  #wake: (() => void) | undefined;

  constructor(machine: Machine, connection: Connection) {
    this.machine = machine;
    this.#connection = connection;
  }

  get bufferedBytes(): number {
    return this.#connection.from(this).bytes;
  }

  get closed(): Promise<Closed> {
    return this.#ended.promise;
  }

  get over(): boolean {
    return this.#over;
  }

  send(message: Uint8Array): void {
    if (this.#over || this.#closing || !this.machine.alive) return;
    const { timeline, name } = this.machine;
    timeline.note(`${name} sends ${message.length}`);
    timeline.explain(() => decode(message).frames.map(wordsOf).join(', '));
    this.#connection.from(this).push(message);
  }

  async *messages(): AsyncIterable<Uint8Array> {
    for (;;) {
      const next = this.#arrived.shift();
      if (next) yield next;
      else if (this.#over) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  close(code: number, reason: string): void {
    if (this.#over || this.#closing || !this.machine.alive) return;
    this.#closing = true;
    this.#connection.from(this).push({ code, reason });
    this.machine.timeline.after(closeGraceMs, () => this.end(broken));
  }

  cut(): void {
    if (!this.machine.alive) return;
    this.end(broken);
    this.#connection.reset();
  }

  arrive(parcel: Parcel): void {
    if (this.#over) return;
    if (!this.machine.alive) {
      this.#connection.reset(); // nobody has this port
    } else if (parcel instanceof Uint8Array) {
      this.#arrived.push(parcel);
      this.#wake?.();
    } else {
      this.end(parcel);
      this.#connection.answerClose(this, parcel);
    }
  }

  /** The connection is over for this end; the other may not know it yet. */
  end(why: Closed): void {
    if (this.#over) return;
    this.#over = true;
    this.#ended.resolve(why);
    this.#wake?.();
  }
}

/** Two ends and the two directions between them. */
export class Connection {
  readonly #timeline: Timeline;
  readonly #wires: ReadonlyMap<SimSocket, Wire>;
  readonly ends: readonly [SimSocket, SimSocket];
  /** Nothing that one end does is ever heard by the other: a NAT forgot the connection, a host lost power. */
  #dead = false;

  constructor(timeline: Timeline, near: Machine, far: Machine) {
    this.#timeline = timeline;
    const [a, b] = [new SimSocket(near, this), new SimSocket(far, this)];
    this.ends = [a, b];
    this.#wires = new Map([
      [a, new Wire(timeline, b)],
      [b, new Wire(timeline, a)],
    ]);
  }

  get over(): boolean {
    return this.ends.every((end) => end.over || !end.machine.alive);
  }

  from(end: SimSocket): Wire {
    return this.#wires.get(end)!;
  }

  freeze(): void {
    for (const wire of this.#wires.values()) wire.freeze();
  }

  thaw(): void {
    if (!this.#dead) for (const wire of this.#wires.values()) wire.thaw();
  }

  /** Goes silent for good: neither end is told. */
  silence(): void {
    this.#dead = true;
    this.freeze();
  }

  /** Breaks in the middle of whatever is on its way; each end learns it in its own time. */
  reset(): void {
    if (this.#dead) return;
    this.#dead = true;
    for (const wire of this.#wires.values()) wire.tear();
    this.freeze();
    for (const end of this.ends)
      this.#timeline.after(this.#timeline.random.delay(5, 1_000), () => end.end(broken));
  }

  answerClose(by: SimSocket, why: Closed): void {
    const [a, b] = this.ends;
    const other = by === a ? b : a;
    if (!this.#dead)
      this.#timeline.after(this.#timeline.random.delay(5, 100), () => other.end(why));
  }
}
