import type { Closed, Socket } from '../socket.ts';

class PairedSocket implements Socket {
  readonly bufferedBytes = 0;
  readonly #ended = Promise.withResolvers<Closed>();
  readonly #arrived: Uint8Array[] = [];
  peer: PairedSocket | undefined;
  #over = false;
  #wake: (() => void) | undefined;

  get closed(): Promise<Closed> {
    return this.#ended.promise;
  }

  send(message: Uint8Array): void {
    const copy = Uint8Array.from(message);
    if (!this.#over) setImmediate(() => this.peer?.arrive(copy));
  }

  async *messages(): AsyncIterable<Uint8Array> {
    for (;;) {
      const next = this.#arrived.shift();
      if (next) yield next;
      else if (this.#over) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** What was sent before still arrives. */
  close(code: number, reason: string): void {
    setImmediate(() => {
      this.end({ code, reason });
      this.peer?.end({ code, reason });
    });
  }

  /** What was sent and has not arrived is lost. */
  cut(): void {
    this.end({ code: 1006, reason: '' });
    this.peer?.end({ code: 1006, reason: '' });
  }

  arrive(message: Uint8Array): void {
    if (this.#over) return;
    this.#arrived.push(message);
    this.#wake?.();
  }

  end(why: Closed): void {
    this.#over = true;
    this.#ended.resolve(why);
    this.#wake?.();
  }
}

/** Two ends of one connection within this process. */
export function socketPair(): [Socket, Socket] {
  const [a, b] = [new PairedSocket(), new PairedSocket()];
  a.peer = b;
  b.peer = a;
  return [a, b];
}
