import { uid, version, type ObjectKey } from '@skerry/shared/names';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { MemoryStore } from '@skerry/shared/testing/memory-store';
import { describe, expect, it } from 'vitest';
import { recordKey, toEntry, type TokenRecord } from '../pods/tokens/token-record.ts';
import { PodAccounts } from './pod-accounts.ts';
import { beginLine } from './version-line.ts';

const hour = 3_600_000;

/** A node with one pod of the account `till`, and what it holds for it. */
async function node(record: Partial<TokenRecord> = {}, audience = '') {
  const clock = new ManualClock(1_000_000);
  const store = new MemoryStore();
  const held = { token: 'current', receivedAt: 0, expiresAt: clock.now() + hour, ...record };
  const table = store.table('tokens');
  await store.commit([table.put(recordKey('u1', `3600 ${audience}`), toEntry(held))]);
  const source = { serviceAccountToken: { audience, expirationSeconds: 3_600 } };
  const spec = {
    serviceAccountName: 'till',
    containers: [],
    volumes: [{ name: 'access', projected: { sources: [source] } }],
  };
  const metadata = { name: 'web', namespace: 'shop', uid: 'u1' };
  const pod = {
    ...{ key: 'pods/shop/web' as ObjectKey, uid: uid('u1'), version: version('7') },
    object: Buffer.from(JSON.stringify({ metadata, spec })),
  };
  const pods = [pod];
  const cutOff = { since: undefined as number | undefined, listen: () => () => undefined };
  const objects = { get: () => Promise.resolve(undefined), list: () => Promise.resolve(pods) };
  const accounts = new PodAccounts({ store, clock, cutOff, objects });
  const nameOf = async (token: string): Promise<string | undefined> =>
    (await accounts.accountOf(token))?.name;
  return { nameOf, clock, cutOff, pods };
}

const till = 'system:serviceaccount:shop:till';

describe('a token of a pod', () => {
  it('is its account’s, as long as it is one that this agent holds', async () => {
    const { nameOf } = await node();
    expect(await nameOf('current')).toBe(till);
    expect(await nameOf('another')).toBeUndefined();
  });

  it('ends when it expires, but not while no newer one can be had', async () => {
    const { nameOf, clock, cutOff } = await node();
    await clock.advance(hour);
    expect(await nameOf('current')).toBeUndefined();
    cutOff.since = clock.now();
    expect(await nameOf('current')).toBe(till);
  });

  it('is good for a while beside the one that has replaced it', async () => {
    const { nameOf, clock, cutOff } = await node({
      previous: { token: 'before', expiresAt: 1_000_000 + hour / 2 },
    });
    expect(await nameOf('before')).toBe(till);
    await clock.advance(hour / 2);
    cutOff.since = clock.now();
    expect(await nameOf('before')).toBeUndefined();
  });

  it('is nobody’s once its pod is gone, or when it is for somebody else', async () => {
    const { nameOf, pods } = await node();
    pods.length = 0;
    expect(await nameOf('current')).toBeUndefined();
    expect(await (await node({}, 'vault')).nameOf('current')).toBeUndefined();
  });
});

describe('the line of versions', () => {
  it('begins above every earlier one, whatever the clock says', async () => {
    const store = new MemoryStore();
    const first = await beginLine(store, 1_800_000_000_000);
    expect(first).toBe(1_800_000_000_000);
    expect(await beginLine(store, 5)).toBeGreaterThan(first + 1_000_000);
  });
});
