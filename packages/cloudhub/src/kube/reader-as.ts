import type { Credentials, KubeConnection } from './connection.ts';
import { Transport } from './transport.ts';

/** As whom something is read: the bearer of a token, or a ServiceAccount that the hub may act as. */
export type Reader =
  { readonly token: string } | { readonly namespace: string; readonly account: string };

/** One GET of the API server. */
export interface ReadRequest {
  /** Path and query. */
  readonly path: string;
  /** A longer answer is not read: TooLarge. */
  readonly maxBytes: number;
}

/**
 * Reads the API as somebody else: the API server decides by their rights, never by the hub's. A token goes
 * over connections on which the hub does not say who it is itself.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/
 */
export class ReaderAs implements Disposable {
  readonly #asBearer: Transport;
  readonly #asHub: Transport;

  constructor(connection: KubeConnection) {
    this.#asBearer = new Transport(changed(connection, nameless));
    this.#asHub = new Transport(changed(connection, unacting));
  }

  /** Resolves to the body as the server wrote it. Throws KubeError. */
  read(request: ReadRequest, reader: Reader, signal: AbortSignal): Promise<Buffer> {
    const get = { method: 'GET', ...request } as const;
    if ('token' in reader) {
      const headers = { Authorization: `Bearer ${reader.token}` };
      return this.#asBearer.exchange({ ...get, headers }, signal);
    }
    const user = `system:serviceaccount:${reader.namespace}:${reader.account}`;
    return this.#asHub.exchange({ ...get, headers: { 'Impersonate-User': user } }, signal);
  }

  [Symbol.dispose](): void {
    this.#asBearer[Symbol.dispose]();
    this.#asHub[Symbol.dispose]();
  }
}

/** The same server with credentials changed; the same object for the same, as connections are kept by it. */
function changed(
  connection: KubeConnection,
  change: (credentials: Credentials) => Credentials,
): KubeConnection {
  const made = new WeakMap<Credentials, Credentials>();
  return {
    server: connection.server,
    credentials: async () => {
      const own = await connection.credentials();
      const known = made.get(own) ?? change(own);
      made.set(own, known);
      return known;
    },
    refused: () => undefined, // what is refused is another's
  };
}

/** Without anything that says who the hub is. A proxy's agent carries its certificate: then none is used. */
function nameless({ tls: { ca, servername, rejectUnauthorized } }: Credentials): Credentials {
  return { tls: { ca, servername, rejectUnauthorized }, headers: {} };
}

/** One acts as one at a time: who the hub is made to act as gives way. */
function unacting(credentials: Credentials): Credentials {
  const own = Object.entries(credentials.headers).filter(
    ([name]) => !name.toLowerCase().startsWith('impersonate-'),
  );
  return { ...credentials, headers: Object.fromEntries(own) };
}
