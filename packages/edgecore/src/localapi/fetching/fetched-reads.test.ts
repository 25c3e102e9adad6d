import type { KubeObject } from '@skerry/apiserver/json';
import type { Resource } from '@skerry/apiserver/registry/resource';
import type { Answer } from '@skerry/apiserver/rest/answer';
import type { Call } from '@skerry/apiserver/rest/call';
import type { Held } from '@skerry/apiserver/storage/held';
import { kubeTime } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { nodeName, type ObjectKey } from '@skerry/shared/names';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { MemoryStore } from '@skerry/shared/testing/memory-store';
import { beforeEach, describe, expect, it } from 'vitest';
import { HubAway, HubBusy, HubRefused } from '../../link/hub-questions.ts';
import { HeldView } from '../held-view.ts';
import { localRegistry } from '../kinds.ts';
import { FetchedReads } from './fetched-reads.ts';
import { FetchedStore } from './fetched-store.ts';

const registry = await localRegistry();
const resource = (group: string, plural: string): Resource => {
  const found = registry.find(group, 'v1', plural);
  if (!found) throw new Error(`no ${plural}`);
  return found;
};
const [configMaps, deployments, pods] = [
  resource('', 'configmaps'),
  resource('apps', 'deployments'),
  resource('', 'pods'),
];
const admin = { user: 'admin' };
const till = { user: 'system:serviceaccount:shop:till', token: 'till-token' };
const { signal } = new AbortController();

const map = (name: string, text: string, resourceVersion = '41'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'shop', resourceVersion, labels: { name } },
  data: { text },
});

describe('reads of what a node does not hold', () => {
  let clock: ManualClock;
  let reads: FetchedReads;
  /** The cluster, or why it cannot be read. */
  let cluster: KubeObject[] | Error;
  let tokens: (string | undefined)[];

  beforeEach(async () => {
    [clock, cluster, tokens] = [new ManualClock(), [map('a', 'new'), map('b', 'new')], []];
    const view = await HeldView.open({
      look: () => Promise.resolve(map('a', 'held')),
      keys: () => Promise.resolve(['configmaps/shop/a' as ObjectKey]),
      first: 1_000,
    });
    const read = (call: Call, token: string | undefined): Promise<KubeObject[]> => {
      tokens.push(token);
      if (cluster instanceof Error) return Promise.reject(cluster);
      return Promise.resolve(
        cluster.filter(({ metadata }) => call.name === '' || call.name === metadata.name),
      );
    };
    const missing = new HubRefused('kube.not-found', 'configmaps "x" not found');
    reads = new FetchedReads({
      ...{ node: nodeName('edge-1'), view, clock, log: silentLog },
      kept: await FetchedStore.open(new MemoryStore(), clock, () => undefined),
      reader: {
        list: read,
        get: async (call, token) => {
          const [found] = await read(call, token);
          if (found) return found;
          throw missing;
        },
      },
    });
  });

  const callOf = (name: string, of = configMaps, query = {}): Call => ({
    ...{ resource: of, subresource: undefined, namespace: 'shop', name, body: undefined },
    ...{ query: new URLSearchParams(query), user: { name: 'x', groups: [] } },
    ...{ userAgent: '', warnings: [] },
  });
  const heldIn = (answer: Answer): readonly Held[] => {
    if (answer.type === 'object') return [answer.held];
    return answer.type === 'list' ? answer.list.items : [];
  };
  const texts = (answer: Answer): unknown[] =>
    heldIn(answer).map((held) => (held.parse()['data'] as { text: string }).text);

  it('show what the cluster has, by the authority of who asks, and when it was read', async () => {
    const [held] = heldIn(await reads.get(callOf('b'), till, signal));
    await reads.get(callOf('b'), admin, signal);
    expect(tokens).toEqual(['till-token', undefined]);
    expect(held?.parse().metadata).toMatchObject({
      resourceVersion: '41',
      annotations: {
        'edge.skerry.io/cloud-version': '41',
        'edge.skerry.io/fetched-at': kubeTime(clock.now()),
      },
    });
    await expect(reads.get(callOf('b'), undefined, signal)).rejects.toMatchObject({ status: 403 });
  });

  it('complete a list, in which what is held wins', async () => {
    expect(texts(await reads.list(callOf(''), admin, signal))).toEqual(['held', 'new']);
    cluster = new HubRefused('kube.forbidden', 'admin may not');
    const call = callOf('');
    expect(texts(await reads.list(call, admin, signal))).toEqual(['held']);
    expect(call.warnings).toEqual([expect.stringContaining('only what this node holds is shown')]);
  });

  it('show what was read before, its age, and only to who read it, while the hub is away', async () => {
    await reads.list(callOf(''), till, signal);
    await clock.advance(300_000);
    cluster = new HubAway('the hub cannot be reached');
    const call = callOf('b');
    expect(texts(await reads.get(call, till, signal))).toEqual(['new']);
    expect(call.warnings).toEqual([
      'the hub cannot be reached: what this node does not hold is shown as read up to 5m ago',
    ]);
    await expect(reads.get(callOf('b'), admin, signal)).rejects.toMatchObject({
      status: 503,
      message: 'this node does not hold configmaps shop/b, and the hub cannot be reached',
    });
    const chosen = callOf('', configMaps, { labelSelector: 'name=b' });
    expect(texts(await reads.list(chosen, till, signal))).toEqual(['new']);
    const others = callOf('', deployments);
    await expect(reads.list(others, till, signal)).rejects.toMatchObject({ status: 503 });
  });

  it('forget what has gone and what may not be read any more', async () => {
    await reads.list(callOf(''), till, signal);
    cluster = [map('a', 'newer', '42')];
    await reads.list(callOf(''), till, signal);
    const away = new HubAway('the hub cannot be reached');
    cluster = away;
    await expect(reads.get(callOf('b'), till, signal)).rejects.toMatchObject({ status: 503 });
    expect(texts(await reads.get(callOf('a'), till, signal))).toEqual(['newer']);
    cluster = new HubRefused('kube.forbidden', 'till may not any more');
    await expect(reads.get(callOf('a'), till, signal)).rejects.toMatchObject({ status: 403 });
    cluster = away;
    await expect(reads.get(callOf('a'), till, signal)).rejects.toMatchObject({ status: 503 });
  });

  it('say to the administrator, and to nobody else, whom to grant the right', async () => {
    cluster = new HubRefused('kube.forbidden', 'User "x" cannot get resource "configmaps"');
    await expect(reads.get(callOf('b'), admin, signal)).rejects.toThrow(
      /cannot get.*kubectl create clusterrolebinding edge-1-view --clusterrole=view --serviceaccount=skerry-nodes:edge-1$/,
    );
    await expect(reads.get(callOf('b'), till, signal)).rejects.toThrow(/"configmaps"$/);
    cluster = new HubRefused('kube.forbidden', 'User "hub" cannot impersonate resource');
    await expect(reads.get(callOf('b'), admin, signal)).rejects.toThrow(/apply deploy\/rbac/);
  });

  it('say that a pod is not here, whatever the cluster says of it', async () => {
    for (const error of [
      new HubRefused('kube.forbidden', 'may not'),
      new HubRefused('kube.not-found', 'pods "x" not found'),
      new HubAway('the hub cannot be reached'),
    ]) {
      cluster = error;
      const asked = reads.get(callOf('x', pods), admin, signal);
      await expect(asked).rejects.toMatchObject({ status: 404, reason: 'NotFound' });
    }
  });

  it('are told to come back when too much is asked at once', async () => {
    cluster = new HubBusy('4 questions to the hub are open');
    const asked = reads.get(callOf('b'), admin, signal);
    await expect(asked).rejects.toMatchObject({ status: 503, details: { retryAfterSeconds: 1 } });
  });
});
