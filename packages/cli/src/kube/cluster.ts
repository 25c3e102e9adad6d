import { fixedConnection, type TlsSettings } from '@skerry/cloudhub/kube/connection';
import { AlreadyExists, KubeError } from '@skerry/cloudhub/kube/kube-errors';
import { Transport } from '@skerry/cloudhub/kube/transport';
import type { Clock } from '@skerry/shared/clock';
import { EdgeError } from '@skerry/shared/errors';
import { collectionOf, pathOf, type Manifest } from './manifest.ts';
import type { KubeTable } from './table.ts';

/** What was waited for did not come about in time. */
export class TooLate extends EdgeError {
  readonly code = 'up.too-late';
  readonly disposition = 'fatal';
}

export interface Waiting {
  /** For the error: what should have come about. */
  readonly what: string;
  readonly seconds: number;
}

const pollMs = 100;
const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/** A Kubernetes API as a command uses it: raw objects by path. */
export class Cluster implements Disposable {
  readonly #transport: Transport;
  readonly #clock: Clock;

  constructor(server: string, tls: TlsSettings, clock: Clock) {
    this.#transport = new Transport(fixedConnection(server, tls));
    this.#clock = clock;
  }

  /** The object at `path`; throws KubeError. */
  async get<T>(path: string, signal: AbortSignal): Promise<T> {
    const body = await this.#transport.exchange({ method: 'GET', path }, signal);
    return JSON.parse(body.toString('utf8')) as T;
  }

  /** Lists `path` as the server would have kubectl print it. */
  async table(path: string, signal: AbortSignal): Promise<KubeTable> {
    const request = { method: 'GET', path, accept: tableType } as const;
    const body = await this.#transport.exchange(request, signal);
    return JSON.parse(body.toString('utf8')) as KubeTable;
  }

  /** Creates the object, unless one of its name is there: that one is left as it is. */
  async create(manifest: Manifest, signal: AbortSignal): Promise<'created' | 'kept'> {
    const request = { method: 'POST', path: collectionOf(manifest), body: manifest } as const;
    try {
      await this.#transport.exchange(request, signal);
      return 'created';
    } catch (error) {
      if (error instanceof AlreadyExists) return 'kept';
      throw error;
    }
  }

  /** Creates the object, or gives the one that is there what the manifest says. */
  async apply(manifest: Manifest, signal: AbortSignal): Promise<void> {
    if ((await this.create(manifest, signal)) === 'created') return;
    const path = pathOf(manifest);
    const contentType = 'application/merge-patch+json';
    await this.#transport.exchange({ method: 'PATCH', path, body: manifest, contentType }, signal);
  }

  /** Asks for the object at `path` until `enough`; throws TooLate. Refusals in between are borne. */
  async waitFor<T>(
    path: string,
    enough: (object: T) => boolean | Promise<boolean>,
    { what, seconds }: Waiting,
    signal: AbortSignal,
  ): Promise<T> {
    const deadline = this.#clock.monotonic() + seconds * 1000;
    let refusal: unknown;
    while (this.#clock.monotonic() < deadline) {
      try {
        const object = await this.get<T>(path, signal);
        if (await enough(object)) return object;
      } catch (error) {
        if (!(error instanceof KubeError)) throw error;
        refusal = error;
      }
      await this.#clock.sleep(pollMs, signal);
    }
    throw new TooLate(`${what} took longer than ${seconds} s`, { cause: refusal });
  }

  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }
}
