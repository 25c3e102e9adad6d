import type { Socket } from 'node:net';
import { Door, tlsServer } from '@skerry/apiserver/http/door';
import type { Served } from '@skerry/apiserver/http/handler';
import type { KeyPair } from '@skerry/shared/pki';
import type { Credentials } from './credentials.ts';

/** The doors for TLS: one for each certificate, that is for each address by which the API is called. */
export class TlsDoors implements AsyncDisposable {
  readonly #served: Served;
  readonly #credentials: Credentials;
  readonly #doors = new Map<KeyPair, Door>();

  constructor(served: Served, credentials: Credentials) {
    this.#served = served;
    this.#credentials = credentials;
  }

  async admit(socket: Socket): Promise<void> {
    const pair = await this.#credentials.certificateAt(socket.localAddress ?? '');
    const known = this.#doors.get(pair);
    const door = known ?? new Door(this.#served, tlsServer({ ca: this.#credentials.ca, ...pair }));
    this.#doors.set(pair, door);
    door.admit(socket);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#doors.values()].map((door) => door[Symbol.asyncDispose]()));
  }
}
