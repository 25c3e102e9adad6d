import type { Socket } from 'node:net';
import { TLSSocket, type PeerCertificate } from 'node:tls';
import { anonymous, type User } from '../auth/user.ts';
import { unauthorized } from '../refusals.ts';

/** Remembers who is at the other end of each connection: taking a certificate apart is slow. */
export class Peers {
  readonly #users = new WeakMap<Socket, User>();

  userOf(socket: Socket): User {
    const known = this.#users.get(socket);
    if (known) return known;
    const user = userOf(socket);
    this.#users.set(socket, user);
    return user;
  }
}

/**
 * Who is at the other end: the certificate's common name, and its organizations as groups. Without a
 * certificate, nobody in particular; with one that our authority did not sign, Unauthorized.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates
 */
export function userOf(socket: Socket): User {
  if (!(socket instanceof TLSSocket)) return anonymous;
  const { subject } = socket.getPeerCertificate() as Partial<PeerCertificate>;
  if (!subject) return anonymous;
  const name = subject.CN;
  if (!socket.authorized || typeof name !== 'string' || name === '') throw unauthorized();
  const organizations = [subject.O].flat();
  const groups = organizations.filter((group) => group !== undefined);
  return { name, groups: [...groups, 'system:authenticated'] };
}
