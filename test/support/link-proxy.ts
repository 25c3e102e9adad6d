import { once } from 'node:events';
import { createServer, Socket, type Server } from 'node:net';
import { listen, type Address } from '@skerry/shared/listen';
import { aborted } from '@skerry/shared/supervise';
import { DelayLine, sleepUntil, type Path } from './delay-line.ts';

type Direction = 'up' | 'down';

export interface LinkProxyOptions {
  /** Where the hub listens. When nobody does, a connection is reset after it was accepted. */
  readonly target: Address;
}

/** One connection through the proxy. */
interface Bridge {
  readonly up: DelayLine;
  readonly down: DelayLine;
  readonly cutting: AbortController;
}

/** When a request to connect is repeated whose packets were lost, after it was first made. */
const connectRetriesMs = [1_000, 3_000, 7_000, 15_000, 31_000, 63_000];

/**
 * A network between edges and a hub that can be made bad, and good again, while connections run over it.
 * It carries their bytes unread and unchanged, so TLS holds through it. `up` is from the edge to the hub,
 * `down` from the hub to the edge. To open a connection costs one round trip, as TCP's own greeting does.
 */
export class LinkProxy implements AsyncDisposable {
  readonly port: number;
  /** One way, milliseconds. May be set at any time, and counts for the bytes sent from then on. */
  readonly delayMs: Record<Direction, number> = { up: 0, down: 0 };
  /** What each connection may carry. May be set at any time. */
  readonly bytesPerSecond: Record<Direction, number> = { up: Infinity, down: Infinity };
  /** Bytes that got through since the proxy opened. */
  readonly bytes: Record<Direction, number> = { up: 0, down: 0 };
  /** Connections that edges have opened since the proxy opened, as far as they know. */
  opened = 0;
  readonly #target: Address;
  readonly #server: Server;
  readonly #bridges = new Map<Bridge, Promise<void>>();
  #silence: PromiseWithResolvers<undefined> | undefined;

  private constructor(target: Address, server: Server, port: number) {
    this.#target = target;
    this.#server = server;
    this.port = port;
    server.on('connection', (edge: Socket) => this.#take(edge));
  }

  static async open({ target }: LinkProxyOptions): Promise<LinkProxy> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    return new LinkProxy(target, server, await listen(server, { host: '127.0.0.1', port: 0 }));
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#bridges.size;
  }

  /** Of these, those that both ends have closed in a silence, so that nobody repeats what was lost. */
  get abandoned(): number {
    return this.#abandoned().length;
  }

  /** Breaks all open connections at once, be it in the middle of a message: both ends are reset. */
  cut(): void {
    for (const { cutting } of this.#bridges.keys()) cutting.abort(new Error('cut'));
  }

  /** From now on who connects is refused. What is open stays open. */
  refuse(): void {
    this.#server.close();
  }

  /**
   * From now on packets of both directions are lost without a word, of open connections and of new ones,
   * which seem to open and stay mute. As TCP repeats what was lost, nothing is missing in a connection
   * that outlives the silence.
   */
  silence(): void {
    this.#silence ??= Promise.withResolvers<undefined>();
  }

  /**
   * Ends what `refuse` and `silence` began. Open connections go on where they were, unless both ends
   * have abandoned them; one that was asked for in the silence opens when its request would be repeated:
   * 1, 3, 7, … seconds after it was made.
   */
  async restore(): Promise<void> {
    for (const { cutting } of this.#abandoned()) cutting.abort(new Error('abandoned'));
    this.#silence?.resolve(undefined);
    this.#silence = undefined;
    if (!this.#server.listening) await listen(this.#server, { host: '127.0.0.1', port: this.port });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.cut();
    await Promise.all(this.#bridges.values());
  }

  #take(edge: Socket): void {
    this.opened += 1;
    const bridge = {
      up: new DelayLine(this.#path('up')),
      down: new DelayLine(this.#path('down')),
      cutting: new AbortController(),
    };
    const run = this.#run(bridge, edge).finally(() => this.#bridges.delete(bridge));
    this.#bridges.set(bridge, run);
  }

  /** Resolves when both ends are done with each other, or the connection broke. */
  async #run({ up, down, cutting }: Bridge, edge: Socket): Promise<void> {
    const broken = new AbortController();
    const signal = AbortSignal.any([cutting.signal, broken.signal]);
    const hub = new Socket({ allowHalfOpen: true });
    for (const end of [edge, hub]) end.on('error', () => undefined); // ends the carrying, which rejects
    const filling = up.fill(edge, signal);
    filling.catch(() => undefined); // is seen below, once the connection is open
    try {
      await this.#asked(signal);
      if (up.ended || edge.destroyed) throw new Error('the edge gave up');
      hub.setNoDelay(true).connect(this.#target);
      await once(hub, 'connect', { signal });
      await Promise.all([
        filling,
        up.drain(hub, signal),
        down.fill(hub, signal),
        down.drain(edge, signal),
      ]);
    } catch {
      broken.abort();
      await this.#audible(cutting.signal).catch(() => undefined); // in silence, nobody is told
      edge.resetAndDestroy();
      hub.resetAndDestroy();
    }
  }

  /** Resolves when a request to connect that is made now is through, and the answer back. */
  async #asked(signal: AbortSignal): Promise<void> {
    const askedAt = performance.now();
    let heardAt = askedAt;
    if (this.#silence) {
      await this.#audible(signal);
      const restoredAt = performance.now();
      const repeats = connectRetriesMs.map((ms) => askedAt + ms);
      heardAt = repeats.find((at) => at >= restoredAt) ?? restoredAt;
    }
    await sleepUntil(heardAt + this.delayMs.up + this.delayMs.down, signal);
  }

  #abandoned(): Bridge[] {
    if (!this.#silence) return [];
    return [...this.#bridges.keys()].filter(({ up, down }) => up.ended && down.ended);
  }

  #path(direction: Direction): Path {
    const { delayMs, bytesPerSecond, bytes } = this;
    return {
      get delayMs() {
        return delayMs[direction];
      },
      get bytesPerSecond() {
        return bytesPerSecond[direction];
      },
      audible: (signal) => this.#audible(signal),
      carried: (count) => (bytes[direction] += count),
    };
  }

  async #audible(signal: AbortSignal): Promise<void> {
    while (this.#silence) {
      await Promise.race([this.#silence.promise, aborted(signal)]);
      signal.throwIfAborted();
    }
  }
}
