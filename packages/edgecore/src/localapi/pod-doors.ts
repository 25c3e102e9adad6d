import type { Log } from '@skerry/shared/log';
import { whenAborted } from '@skerry/shared/supervise';
import type { Endpoint, LocalApiAccess } from '../pods/local-api.ts';
import { runFront, type FrontParts } from './front.ts';

/** The local API as it is served, and where. */
export interface ServedThere extends Pick<FrontParts, 'open' | 'failed'> {
  /** PEM. */
  readonly ca: string;
  /** As configured. */
  readonly host: string;
  /** That was taken. */
  readonly port: number;
  readonly log: Log;
  /** Aborts when it is no longer served. */
  readonly signal: AbortSignal;
}

/** Every address of the machine. */
export function isEverywhere(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/**
 * How pods come to the local API. Those on the machine's own network do so as everybody; for each other
 * network with a pod that asks, the API listens at the machine's address there too, for TLS alone.
 */
export class PodDoors implements LocalApiAccess {
  readonly #served = Promise.withResolvers<ServedThere>();
  readonly #doors = new Map<string, Promise<void>>();
  readonly #running = new Set<Promise<void>>();

  /** From now on it is served. */
  opened(served: ServedThere): void {
    this.#served.resolve(served);
  }

  /** Resolves when nothing is listened for any more. */
  async closed(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  async authority(signal: AbortSignal): Promise<string> {
    return (await this.#whenServed(signal)).ca;
  }

  async reach(gateway: string | undefined, signal: AbortSignal): Promise<Endpoint> {
    const served = await this.#whenServed(signal);
    const { host, port } = served;
    if (isEverywhere(host)) return { host: gateway ?? '127.0.0.1', port };
    const isLocal = /^127\.|^::1$|^localhost$/.test(host);
    if (gateway === undefined || !isLocal) return { host, port };
    await this.#listenAt(gateway, served);
    return { host: gateway, port };
  }

  #listenAt(address: string, served: ServedThere): Promise<void> {
    const known = this.#doors.get(address);
    if (known) return known;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const { open, failed, port, log, signal } = served;
    const onListening = (): void => {
      log.info({ address, port }, 'the local API listens for pods');
      resolve(undefined);
    };
    const front = { host: address, port, tlsOnly: true, open, failed, onListening };
    const running = runFront(front, signal).catch((error: unknown) => {
      this.#doors.delete(address); // a network may come later: whoever asks again tries again
      reject(error);
    });
    this.#running.add(running);
    void running.then(() => this.#running.delete(running));
    this.#doors.set(address, promise);
    return promise;
  }

  async #whenServed(signal: AbortSignal): Promise<ServedThere> {
    const ended = Promise.withResolvers<never>();
    using _ = whenAborted(signal, () => ended.reject(signal.reason as Error));
    return await Promise.race([this.#served.promise, ended.promise]);
  }
}
