import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { LocalUsers, siteAdmin, withDiscovery } from './local-users.ts';

const till = { name: 'system:serviceaccount:shop:till', groups: [] };

interface Scene {
  readonly token?: string;
  readonly from?: string;
  readonly ours?: boolean;
  readonly secluded?: boolean;
  readonly headers?: IncomingHttpHeaders;
}

function asking({ token, from = '127.0.0.1', ours = false, secluded = false, ...rest }: Scene) {
  const users = new LocalUsers({
    adminToken: 'admin-token',
    accountOf: (given) => Promise.resolve(given === 'till-token' ? till : undefined),
    isOfThisMachine: () => Promise.resolve(ours),
    isPrivate: () => secluded,
  });
  const ends = { localAddress: '127.0.0.1', localPort: 1, remoteAddress: from, remotePort: 2 };
  const headers = {
    host: '127.0.0.1:10550',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...rest.headers,
  };
  return users.whoAsks({ headers, socket: ends } as unknown as IncomingMessage);
}

describe('who asks the local API', () => {
  it('is the bearer of a token that is known, and no other', async () => {
    expect(await asking({ token: 'admin-token' })).toBe(siteAdmin);
    expect(await asking({ token: 'till-token' })).toBe(till);
    await expect(asking({ token: 'guess', ours: true, secluded: true })).rejects.toThrow(
      'Unauthorized',
    );
  });

  it('is the administrator where the process or the socket says so', async () => {
    expect(await asking({ ours: true })).toBe(siteAdmin);
    expect(await asking({ ours: true, from: '::ffff:127.0.0.1' })).toBe(siteAdmin);
    expect(await asking({ secluded: true })).toBe(siteAdmin);
  });

  it('is not the administrator whose browser a web page has sent', async () => {
    const rebound = { host: 'page.example:10550' };
    await expect(asking({ ours: true, headers: rebound })).rejects.toThrow('Unauthorized');
    const foreign = { origin: 'https://page.example' };
    await expect(asking({ ours: true, headers: foreign })).rejects.toThrow('Unauthorized');
    expect(await asking({ token: 'admin-token', headers: foreign })).toBe(siteAdmin);
  });

  it('is never nobody in particular, nor somebody from another machine', async () => {
    await expect(asking({})).rejects.toThrow('Unauthorized');
    await expect(asking({ ours: true, from: '192.0.2.7' })).rejects.toThrow('Unauthorized');
  });
});

describe('what everybody may see who is let in', () => {
  const nothing = { decide: () => ({ allowed: false, reason: '' }) };
  const authorizer = withDiscovery(nothing);
  const mayGet = (path: string): boolean => authorizer.decide(till, { verb: 'get', path }).allowed;

  it('is what there is to ask for, and nothing else', () => {
    for (const path of ['/api', '/api/v1', '/apis', '/openapi/v3', '/version', '/'])
      expect(mayGet(path)).toBe(true);
    for (const path of ['/skerry.io/status', '/apiv', '/metrics']) expect(mayGet(path)).toBe(false);
    expect(authorizer.decide(till, { verb: 'post', path: '/api' }).allowed).toBe(false);
  });
});
