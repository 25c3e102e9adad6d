import { createHash } from 'node:crypto';
import { Misconfiguration } from '@skerry/shared/errors';
import { everyone, type User } from './user.ts';

/** Users by the tokens that an administrator gave them. Tokens are held as digests. */
export class KnownTokens {
  readonly #users: ReadonlyMap<string, User>;

  constructor(users: readonly (readonly [token: string, user: User])[] = []) {
    this.#users = new Map(users.map(([token, user]) => [digest(token), user]));
  }

  userOf(token: string): User | undefined {
    return this.#users.size === 0 ? undefined : this.#users.get(digest(token));
  }
}

/** What is looked up is not what was sent: how long that takes says nothing of a token. */
function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}

/**
 * Reads a file of lines `token,user,uid,"group1,group2"`, the groups optional. Throws Misconfiguration that
 * names the line.
 *
 * @param name how the file is called in errors
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file
 */
export function readTokenFile(text: string, name: string): KnownTokens {
  const known = new Map<string, User>();
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [token = '', user = '', uid = '', groups = ''] = cells(line.trim());
    const isWhole = [token, user, uid].every((cell) => cell !== '');
    if (!isWhole)
      throw malformed(`${name}:${at + 1}`, 'there must be a token, a user name and a uid');
    if (known.has(token))
      throw malformed(`${name}:${at + 1}`, 'the token stands in an earlier line');
    known.set(token, { name: user, uid, groups: [...namesIn(groups), everyone] });
  }
  return new KnownTokens([...known]);
}

function malformed(where: string, what: string): Misconfiguration {
  return new Misconfiguration(`${where}: ${what}; a line is token,user,uid,"group1,group2"`);
}

function namesIn(groups: string): string[] {
  return groups
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '');
}

/** The values of a line of CSV (RFC 4180). */
function cells(line: string): string[] {
  const found = line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^",]*))\s*(?=,|$)/g);
  return [...found].map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain.trim());
}
