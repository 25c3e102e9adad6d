import type { Agent } from 'node:http';
import { isDeepStrictEqual } from 'node:util';

/** TLS settings of node:https: PEM, who we trust and who we are. */
export interface TlsSettings {
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  readonly pfx?: string | Buffer | undefined;
  readonly passphrase?: string | undefined;
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

export interface Credentials {
  readonly tls: TlsSettings;
  /** Sent with every request: `Authorization`, impersonation. */
  readonly headers: Readonly<Record<string, string>>;
  /** Carries requests through a proxy; absent: the client makes its own connections. */
  readonly agent?: Agent | undefined;
}

/** Where the API server is and how to prove who we are. */
export interface KubeConnection {
  /** Base URL; may carry a path (a cluster behind a proxy). */
  readonly server: URL;
  /** What to present now. The same object is returned while nothing has changed. */
  credentials(): Promise<Credentials>;
  /** The server did not accept them: read them afresh the next time. */
  refused(): void;
}

/** A connection whose credentials never change, for example to the API the hub embeds. */
export function fixedConnection(
  server: string,
  tls: TlsSettings,
  headers: Readonly<Record<string, string>> = {},
): KubeConnection {
  const credentials = Promise.resolve({ tls, headers });
  return { server: new URL(server), credentials: () => credentials, refused: () => undefined };
}

/** How long credentials are used before they are read again, milliseconds. */
export const credentialsLifetimeMs = 30_000;

/**
 * A connection whose credentials are read by `read` and read again after `credentialsLifetimeMs` or
 * when the server refuses them: files are rotated, tokens expire.
 */
export class RefreshedConnection implements KubeConnection {
  readonly server: URL;
  readonly #read: () => Promise<Credentials>;
  readonly #monotonic: () => number;
  #current: { readonly credentials: Promise<Credentials>; readonly readAt: number } | undefined;
  #newest: Credentials | undefined;

  constructor(server: URL, read: () => Promise<Credentials>, monotonic: () => number) {
    this.server = server;
    this.#read = read;
    this.#monotonic = monotonic;
  }

  credentials(): Promise<Credentials> {
    const now = this.#monotonic();
    if (this.#current && now - this.#current.readAt < credentialsLifetimeMs)
      return this.#current.credentials;
    const current = { credentials: this.#readAgain(), readAt: now };
    this.#current = current;
    current.credentials.catch(() => {
      if (this.#current === current) this.#current = undefined; // a failure is not worth keeping
    });
    return current.credentials;
  }

  refused(): void {
    this.#current = undefined;
  }

  async #readAgain(): Promise<Credentials> {
    const credentials = await this.#read();
    if (!isDeepStrictEqual(credentials, this.#newest)) this.#newest = credentials;
    return this.#newest ?? credentials;
  }
}
