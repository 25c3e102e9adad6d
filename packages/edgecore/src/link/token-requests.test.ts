import type { EdgeFrame } from '@skerry/proto/frames';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { TokenRequests, tokenAnswerMs, type TokenQuestion } from './token-requests.ts';

const question: TokenQuestion = {
  namespace: 'default',
  serviceAccount: 'runner',
  pod: 'web',
  podUid: 'u',
  audience: '',
  expirationSeconds: 600,
};

describe('TokenRequests', () => {
  const { signal } = new AbortController();
  let clock: ManualClock;
  let requests: TokenRequests;
  let sent: EdgeFrame[];
  const attach = (): void => requests.attach((frames) => sent.push(...frames));

  beforeEach(() => {
    clock = new ManualClock();
    requests = new TokenRequests(clock);
    sent = [];
  });

  it('brings each answer to who asked, in whatever order they come', async () => {
    attach();
    const asked = [requests.ask(question, signal), requests.ask(question, signal)];
    expect(sent).toEqual([
      { type: 'tokenRequest', id: 1, ...question },
      { type: 'tokenRequest', id: 2, ...question },
    ]);
    requests.answer({ type: 'tokenGrant', id: 2, token: 'b', lifeSeconds: 600 });
    requests.answer({ type: 'tokenGrant', id: 1, token: 'a', lifeSeconds: 600 });
    requests.answer({ type: 'tokenGrant', id: 1, token: 'again', lifeSeconds: 600 });
    expect((await Promise.all(asked)).map(({ token }) => token)).toEqual(['a', 'b']);
  });

  it('says at once that there is no link, and that it was lost', async () => {
    await expect(requests.ask(question, signal)).rejects.toThrow('the hub cannot be reached');
    attach();
    const asked = requests.ask(question, signal);
    requests.detach();
    await expect(asked).rejects.toThrow('the link was lost');
  });

  it('says what the hub says, and when it says nothing', async () => {
    attach();
    const refused = requests.ask(question, signal);
    requests.answer({ type: 'tokenRefusal', id: 1, code: 'kube.not-found', reason: 'no account' });
    await expect(refused).rejects.toThrow('no account');
    const overdue = requests.ask(question, signal);
    overdue.catch(() => undefined);
    await clock.advance(tokenAnswerMs);
    await expect(overdue).rejects.toThrow('the hub did not answer');
  });

  it('ends with its signal', async () => {
    attach();
    const stop = new AbortController();
    const asked = requests.ask(question, stop.signal);
    stop.abort(new DOMException('done', 'AbortError'));
    await expect(asked).rejects.toThrow('done');
  });

  it('tells those who wait for a link', async () => {
    let told = 0;
    const unlisten = requests.whenUp(() => told++);
    attach();
    unlisten();
    attach();
    await settle();
    expect(told).toBe(1);
  });
});
