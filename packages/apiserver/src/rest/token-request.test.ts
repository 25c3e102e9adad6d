import { describe, expect, it } from 'vitest';
import { apiAudiences, bearerOf, type TokenBearer } from '../auth/account-tokens.ts';
import { textAt, type Json, type JsonObject } from '../json.ts';
import { restBench, type RestBench } from '../testing/rest-bench.ts';

async function accountBench(): Promise<RestBench> {
  const bench = await restBench();
  await bench.ask('create', { resource: 'namespaces', body: { metadata: { name: 'default' } } });
  await bench.ask('create', { resource: 'serviceaccounts', body: { metadata: { name: 'app' } } });
  return bench;
}

async function request(bench: RestBench, spec: JsonObject = {}): Promise<Json> {
  const answer = await bench.ask('create', {
    ...{ resource: 'serviceaccounts', name: 'app', subresource: 'token' },
    body: { spec },
  });
  if (answer.type !== 'plain') throw new Error('not a review');
  return answer.body;
}

async function token(bench: RestBench, spec: JsonObject = {}): Promise<string> {
  return textAt(await request(bench, spec), 'status', 'token') ?? '';
}

function whose(
  { parts }: RestBench,
  text: string,
  audiences?: readonly string[],
): Promise<TokenBearer | undefined> {
  const { store, signer, knownTokens, clock } = parts;
  const tokens = { objects: store, signer, knownTokens, now: () => clock.now() };
  return bearerOf(tokens, text, audiences);
}

const pod = (account: string): Json => ({
  metadata: { name: 'p' },
  spec: { serviceAccountName: account, containers: [{ name: 'c', image: 'i' }] },
});
const toPod = { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'p' } };

describe('a token of an account', () => {
  it('is good for an hour, and names the account', async () => {
    await using bench = await accountBench();
    const body = await request(bench);
    expect(body).toMatchObject({
      kind: 'TokenRequest',
      spec: { expirationSeconds: 3600, audiences: apiAudiences },
    });
    const text = textAt(body, 'status', 'token') ?? '';
    expect(await whose(bench, text)).toMatchObject({
      user: {
        name: 'system:serviceaccount:default:app',
        groups: [
          'system:serviceaccounts',
          'system:serviceaccounts:default',
          'system:authenticated',
        ],
      },
    });
    await bench.parts.clock.advance(3_601_000);
    expect(await whose(bench, text)).toBeUndefined();
  });

  it('is for its audiences alone', async () => {
    await using bench = await accountBench();
    const text = await token(bench, { audiences: ['vault'] });
    expect(await whose(bench, text)).toBeUndefined();
    expect((await whose(bench, text, ['vault', 'other']))?.audiences).toEqual(['vault']);
  });

  it('ends with the account, also when one of the same name comes', async () => {
    await using bench = await accountBench();
    const text = await token(bench);
    await bench.ask('delete', { resource: 'serviceaccounts', name: 'app' });
    expect(await whose(bench, text)).toBeUndefined();
    await bench.ask('create', { resource: 'serviceaccounts', body: { metadata: { name: 'app' } } });
    expect(await whose(bench, text)).toBeUndefined();
  });

  it('bound to a pod names it, and ends with it', async () => {
    await using bench = await accountBench();
    await bench.ask('create', { resource: 'pods', body: pod('app') });
    const text = await token(bench, toPod);
    expect((await whose(bench, text))?.user.extra).toMatchObject({
      'authentication.kubernetes.io/pod-name': ['p'],
    });
    await bench.ask('delete', { resource: 'pods', name: 'p' });
    expect(await whose(bench, text)).toBeUndefined();
  });

  it('that a pod mounts outlives a node that is cut off', async () => {
    await using bench = await accountBench();
    await bench.ask('create', { resource: 'pods', body: pod('app') });
    const text = await token(bench, { ...toPod, expirationSeconds: 3607 });
    await bench.parts.clock.advance(300 * 86_400_000);
    expect(await whose(bench, text)).toBeDefined();
    await bench.parts.clock.advance(66 * 86_400_000);
    expect(await whose(bench, text)).toBeUndefined();
  });

  it('is not given for the pod of another account, nor for another pod of the name', async () => {
    await using bench = await accountBench();
    await bench.ask('create', { resource: 'pods', body: pod('other') });
    await expect(token(bench, toPod)).rejects.toThrow('different serviceaccount name');
    const stale = { boundObjectRef: { ...toPod.boundObjectRef, uid: 'old' } };
    await expect(token(bench, stale)).rejects.toMatchObject({ status: 409 });
  });

  it('lasts ten minutes at least', async () => {
    await using bench = await accountBench();
    await expect(token(bench, { expirationSeconds: 60 })).rejects.toMatchObject({ status: 422 });
  });

  it('is not believed when somebody else has signed it', async () => {
    await using bench = await accountBench();
    await using other = await accountBench();
    expect(await whose(bench, await token(other))).toBeUndefined();
    expect(await whose(bench, 'no token at all')).toBeUndefined();
  });
});
