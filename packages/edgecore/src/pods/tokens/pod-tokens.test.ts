import { silentLog } from '@skerry/shared/log';
import type { ObjectKey } from '@skerry/shared/names';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { MemoryStore } from '@skerry/shared/testing/memory-store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TokenRefused, type TokenQuestion, type TokenSource } from '../../link/token-requests.ts';
import type { PodObject } from '../pod.ts';
import { podObject } from '../testing/pod-node.ts';
import { PodTokens } from './pod-tokens.ts';
import type { TokenState } from './token-wish.ts';

const hour = 3_600_000;
const key = 'pods/default/web' as ObjectKey;

/** A hub that gives tokens while it can be reached. */
class Hub implements TokenSource {
  readonly asked: TokenQuestion[] = [];
  isUp = true;
  lifeSeconds = 3600;
  readonly #listeners = new Set<() => void>();

  ask(question: TokenQuestion): ReturnType<TokenSource['ask']> {
    this.asked.push(question);
    if (!this.isUp) return Promise.reject(new TokenRefused('the hub cannot be reached'));
    const token = `token-${this.asked.length}`;
    return Promise.resolve({
      type: 'tokenGrant',
      id: this.asked.length,
      token,
      lifeSeconds: this.lifeSeconds,
    });
  }

  whenUp(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  comeUp(): void {
    this.isUp = true;
    for (const listener of [...this.#listeners]) listener();
  }
}

const podWith = (...sources: object[]): PodObject =>
  podObject({
    serviceAccountName: 'runner',
    volumes: [
      {
        name: 'kube-api-access',
        projected: {
          sources: sources.map((source) => ({
            serviceAccountToken: { path: 'token', ...source },
          })),
        },
      },
    ],
  });

describe('PodTokens', () => {
  let clock: ManualClock;
  let hub: Hub;
  let store: MemoryStore;
  let tokens: PodTokens;
  let woken: ObjectKey[];
  let stop: AbortController;

  const open = (): Promise<PodTokens> =>
    PodTokens.open({
      store,
      source: hub,
      wake: (pod) => woken.push(pod),
      clock,
      log: silentLog,
    });
  const look = (pod = podWith({})): TokenState[] => [
    ...tokens.look(key, pod, stop.signal).values(),
  ];
  const settled = (): Promise<void> => clock.advance(0);

  beforeEach(async () => {
    clock = new ManualClock();
    hub = new Hub();
    store = new MemoryStore();
    woken = [];
    stop = new AbortController();
    tokens = await open();
  });
  afterEach(() => stop.abort());

  it('asks once for what the pod wants, and wakes the pod when it has come', async () => {
    expect(look()).toEqual([{ phase: 'awaited' }]);
    expect(look()).toEqual([{ phase: 'awaited' }]);
    await settled();
    expect(woken).toEqual([key]);
    expect(look()).toEqual([{ phase: 'held', token: 'token-1' }]);
    expect(hub.asked).toEqual([
      {
        namespace: 'default',
        serviceAccount: 'runner',
        pod: 'web',
        podUid: 'uid-of-web',
        audience: '',
        expirationSeconds: 3600,
      },
    ]);
  });

  it('keeps one for each audience and life', async () => {
    const pod = podWith({}, {}, { audience: 'vault' }, { expirationSeconds: 600 });
    look(pod);
    await settled();
    expect(look(pod)).toHaveLength(3);
    expect(
      hub.asked.map(({ audience, expirationSeconds }) => [audience, expirationSeconds]),
    ).toEqual([
      ['', 3600],
      ['vault', 3600],
      ['', 600],
    ]);
  });

  it('has it again after a restart, with no hub to ask', async () => {
    look();
    await settled();
    hub.isUp = false;
    tokens = await open();
    expect(look()).toEqual([{ phase: 'held', token: 'token-1' }]);
    expect(hub.asked).toHaveLength(1);
  });

  it('replaces it when four fifths of its life are over, and uses the old one until then', async () => {
    look();
    await settled();
    await clock.advance(0.8 * hour - 1);
    look();
    await settled();
    expect(hub.asked).toHaveLength(1);
    await clock.advance(1);
    expect(look()).toEqual([{ phase: 'held', token: 'token-1' }]);
    await settled();
    expect(look()).toEqual([{ phase: 'held', token: 'token-2' }]);
    expect(woken).toHaveLength(2);
  });

  it('replaces one that lives for long after a day', async () => {
    hub.lifeSeconds = 30 * 24 * 3600;
    look();
    await settled();
    await clock.advance(24 * hour);
    look();
    await settled();
    expect(look()).toEqual([{ phase: 'held', token: 'token-2' }]);
  });

  it('would rather show an old one than none while it is cut off', async () => {
    look();
    await settled();
    hub.isUp = false;
    await clock.advance(100 * hour);
    expect(look()).toEqual([{ phase: 'held', token: 'token-1' }]);
  });

  it('says why there is none, asks ever less often, and at once when the link is back', async () => {
    hub.isUp = false;
    look();
    await settled();
    expect(woken).toEqual([key]);
    expect(look()).toEqual([{ phase: 'failed', message: 'the hub cannot be reached' }]);
    await clock.advance(1000);
    expect(hub.asked).toHaveLength(2);
    await clock.advance(1000);
    expect(hub.asked).toHaveLength(2);
    await clock.advance(1000);
    expect(hub.asked).toHaveLength(3);
    hub.comeUp();
    await settled();
    expect(look()).toEqual([{ phase: 'held', token: 'token-4' }]);
  });

  it('keeps nothing of pods that are gone', async () => {
    look();
    await settled();
    expect([...tokens.holders()]).toEqual(['uid-of-web']);
    await tokens.forget('uid-of-web');
    tokens = await open();
    expect([...tokens.holders()]).toEqual([]);
    expect(look()).toEqual([{ phase: 'awaited' }]);
  });

  it('stops asking for a pod that is gone', async () => {
    hub.isUp = false;
    look();
    await settled();
    await tokens.forget('uid-of-web');
    await clock.advance(hour);
    expect(hub.asked).toHaveLength(1);
  });
});
