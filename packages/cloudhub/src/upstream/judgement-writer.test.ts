import type { NodeName, ObjectKey } from '@skerry/shared/names';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from './current-objects.ts';
import { judgementWriter, maxNodesShown } from './judgement-writer.ts';
import type { Fields } from './merge-diff.ts';
import type { StatusWriter } from './status-writer.ts';

const key = 'statusjudgements.edge.skerry.io//health' as ObjectKey;
const signal = new AbortController().signal;
const state = (verdict: string, more: Fields = {}): Fields => ({
  verdict,
  since: '2026-01-01T00:00:00Z',
  observedGeneration: 2,
  results: ['cpu#01@1'],
  ...more,
});

function scene(placedOn: (node: string) => boolean = () => true) {
  let object: KubeObject = { metadata: { name: 'health', uid: 'u', resourceVersion: '1' } };
  const statuses = {
    write: (_target: unknown, decide: (object: KubeObject) => { do: string; status?: Fields }) => {
      const decision = decide(object);
      if (decision.do === 'refused') return Promise.resolve(decision);
      object = { ...object, status: decision.status ?? {} };
      return Promise.resolve({ do: 'accepted', object });
    },
  } as unknown as StatusWriter;
  const clock = new ManualClock();
  const write = judgementWriter({ statuses, placement: { isPlaced: placedOn }, clock });
  const say = (node: string, payload: Fields): ReturnType<typeof write> =>
    write({ node: node as NodeName, key, payload: { uid: 'u', ...payload } }, signal);
  const status = (): Fields => object.status ?? {};
  const names = (): unknown[] => (status()['nodes'] as Fields[]).map(({ name }) => name);
  const ready = (): Fields | undefined => (status()['conditions'] as Fields[] | undefined)?.[0];
  return { say, status, names, ready, clock };
}

describe('what nodes find by one judgement', () => {
  it('stands in an entry for each, and in one sentence for all', async () => {
    const { say, names, ready, status, clock } = scene();
    await say('edge-2', { state: state('Ready') });
    expect(ready()).toMatchObject({ status: 'True', message: '1 Ready' });
    const since = ready()?.['lastTransitionTime'];
    await clock.advance(5_000);
    await say('edge-3', { state: state('Ready') });
    expect(ready()).toMatchObject({ status: 'True', lastTransitionTime: since });
    await say('edge-1', { state: state('Blocked', { observedGeneration: 1, message: 'disk' }) });
    expect(names()).toEqual(['edge-1', 'edge-2', 'edge-3']);
    expect(status()).toMatchObject({ observedGeneration: 1 });
    expect(ready()).toMatchObject({ status: 'False', message: '2 Ready, 1 Blocked' });
    expect(ready()?.['lastTransitionTime']).not.toBe(since);
    await say('edge-1', { state: state('Degraded') });
    expect(ready()).toMatchObject({ message: '2 Ready, 1 Degraded' });
  });

  it('is written under the name of who says it, whatever it calls itself', async () => {
    const { say, status } = scene();
    await say('edge-1', { state: state('Ready', { name: 'edge-2', hidden: 'x' }) });
    expect(status()['nodes']).toEqual([{ name: 'edge-1', ...state('Ready') }]);
  });

  it('goes when the node says so, or when it is placed elsewhere', async () => {
    const here = new Set(['edge-1', 'edge-2', 'edge-3']);
    const { say, names } = scene((node) => here.has(node));
    for (const node of here) await say(node, { state: state('Ready') });
    here.delete('edge-2');
    await say('edge-1', { gone: true });
    expect(names()).toEqual(['edge-3']);
    expect(await say('edge-2', { state: state('Ready') })).toMatchObject({
      code: 'upstream.forbidden',
    });
    await say('edge-3', { gone: true });
    expect(names()).toEqual([]);
  });

  it('shows of very many the worst', async () => {
    const { say, names } = scene();
    for (let n = 0; n < maxNodesShown + 5; n++) await say(`edge-${n}`, { state: state('Ready') });
    await say('zone-1', { state: state('Blocked') });
    expect(names()).toHaveLength(maxNodesShown);
    expect(names()).toContain('zone-1');
  });

  it('is refused when it is of another object, or is none', async () => {
    const { say } = scene();
    expect(await say('edge-1', { uid: 'other', state: state('Ready') })).toMatchObject({
      code: 'upstream.not-found',
    });
    expect(await say('edge-1', { state: 'fine' })).toMatchObject({ code: 'upstream.malformed' });
  });
});
