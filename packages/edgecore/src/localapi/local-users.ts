import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Attributes, Authorizer, Decision } from '@skerry/apiserver/auth/authorize';
import { everyone, masters, type User } from '@skerry/apiserver/auth/user';
import { bearerToken } from '@skerry/apiserver/http/who-asks';
import { unauthorized } from '@skerry/apiserver/refusals';
import { mayBeOfWebPage } from '@skerry/shared/web-page';
import { isSameSecret } from './credentials.ts';
import type { Ends } from './peer-process.ts';

/** Whoever may read the agent's files: root, or the user that the agent runs as. */
export const siteAdmin: User = { name: 'edge.skerry.io:site-admin', groups: [masters, everyone] };

/** By what authority somebody reads the cluster: a pod by its own token, the administrator as the node's account. */
export interface Asker {
  readonly user: string;
  readonly token?: string;
}

export interface LocalUsersParts {
  /** Of the administrator. */
  readonly adminToken: string;
  /** The pod's account whose token this is, as long as it is good. */
  readonly accountOf: (token: string) => Promise<User | undefined>;
  /** Whether the process at the other end may read the agent's files. */
  readonly isOfThisMachine: (ends: Ends) => Promise<boolean>;
  /** Came through the socket that only the administrator can open. */
  readonly isPrivate: (socket: Socket) => boolean;
}

const loopback = /^(::ffff:)?127\.|^::1$/;

/**
 * Who asks the local API: the bearer of a token, who came through the private socket, or whose process
 * could read the administrator's token anyway, unless that may be a browser which a web page has sent.
 * Nobody is nobody in particular: Unauthorized.
 */
export class LocalUsers {
  readonly #parts: LocalUsersParts;
  readonly #known = new WeakMap<Socket, Promise<boolean>>();
  readonly #tokens = new WeakMap<User, string>();

  constructor(parts: LocalUsersParts) {
    this.#parts = parts;
  }

  async whoAsks({ headers, socket }: IncomingMessage): Promise<User> {
    const token = bearerToken(headers);
    if (token !== undefined) return this.#bearerOf(token);
    if (this.#parts.isPrivate(socket)) return siteAdmin;
    if (!mayBeOfWebPage(headers) && (await this.#isOfThisMachine(socket))) return siteAdmin;
    throw unauthorized();
  }

  async #bearerOf(token: string): Promise<User> {
    if (isSameSecret(token, this.#parts.adminToken)) return siteAdmin;
    const account = await this.#parts.accountOf(token);
    if (!account) throw unauthorized();
    this.#tokens.set(account, token);
    return account;
  }

  /** Undefined of who has proved nothing that the cluster would believe: whom somebody only acts as. */
  askerOf(user: User): Asker | undefined {
    if (user === siteAdmin) return { user: user.name };
    const token = this.#tokens.get(user);
    return token === undefined ? undefined : { user: user.name, token };
  }

  /** Asked once for a connection: its other end does not change hands unseen by the kernel's tables. */
  #isOfThisMachine(socket: Socket): Promise<boolean> {
    const { localAddress, localPort, remoteAddress, remotePort } = socket;
    if (localAddress === undefined || localPort === undefined) return Promise.resolve(false);
    if (remoteAddress === undefined || remotePort === undefined) return Promise.resolve(false);
    if (!loopback.test(remoteAddress)) return Promise.resolve(false);
    const known = this.#known.get(socket);
    if (known) return known;
    const ends = { localAddress, localPort, remoteAddress, remotePort };
    const answer = this.#parts.isOfThisMachine(ends);
    this.#known.set(socket, answer);
    return answer;
  }
}

const openPaths = /^\/(api|apis|openapi)(\/|$)|^\/(version|healthz|livez|readyz)?\/?$/;

/** Everybody who is somebody may ask what there is to ask for; the rest is up to the roles placed here. */
export function withDiscovery(roles: Authorizer): Authorizer {
  return {
    decide: (user: User, attributes: Attributes): Decision =>
      'path' in attributes && attributes.verb === 'get' && openPaths.test(attributes.path)
        ? { allowed: true, reason: 'every user of the local API may see what it serves' }
        : roles.decide(user, attributes),
  };
}
