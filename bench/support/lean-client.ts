import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import type { ServedBench } from './api-process.ts';

/**
 * One connection that asks and waits, over and over. It writes HTTP/1.1 by hand and reads no more of an
 * answer than where it ends: on a small machine, what a real client costs would be taken from the server.
 */
export class LeanClient implements Disposable {
  readonly #socket: TLSSocket;
  #read: Buffer = Buffer.alloc(0);
  #answered: PromiseWithResolvers<void> | undefined;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#answered?.reject(error));
  }

  static async dial({ url, ca, cert, key }: ServedBench): Promise<LeanClient> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), ca, cert, key });
    await once(socket, 'secureConnect');
    return new LeanClient(socket);
  }

  /** Resolves when the whole answer has come. Fails when it is not of the 2xx. */
  async ask(method: string, path: string, body: object): Promise<void> {
    const text = JSON.stringify(body);
    const head = `${method} ${path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n`;
    this.#answered = Promise.withResolvers();
    this.#socket.write(head + text);
    await this.#answered.promise;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#read = this.#read.length === 0 ? chunk : Buffer.concat([this.#read, chunk]);
    const bodyAt = this.#read.indexOf('\r\n\r\n') + 4;
    if (bodyAt < 4) return;
    const head = this.#read.toString('latin1', 0, bodyAt);
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
    if (this.#read.length < bodyAt + length) return;
    const answer = this.#read;
    this.#read = Buffer.alloc(0);
    if (head.startsWith('HTTP/1.1 2')) this.#answered?.resolve();
    else this.#answered?.reject(new Error(answer.toString()));
  }
}
