import type { Call } from '@skerry/apiserver/rest/call';
import type { ClusterRead } from '@skerry/proto/questions';
import { beforeEach, describe, expect, it } from 'vitest';
import { HubRefused } from '../../link/hub-questions.ts';
import { ClusterReader, maxListBytes } from './cluster-reader.ts';

const { signal } = new AbortController();
const call = {
  resource: { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment' },
  namespace: 'shop',
  name: '',
  query: new URLSearchParams({ labelSelector: 'a=b', limit: '500', resourceVersion: '0' }),
} as Call;

let objects: { readonly metadata: { readonly name: string }; readonly text: string }[];
let asked: ClusterRead[];

/** An API server that lists in pages, and a hub that sends none that is too long. */
const reader = new ClusterReader({
  ask: (_subject, body) => {
    const read = body as ClusterRead;
    asked.push(read);
    const from = Number(read.query['continue'] ?? 0);
    const to = from + Number(read.query['limit']);
    const metadata = to < objects.length ? { continue: String(to) } : {};
    const page = Buffer.from(JSON.stringify({ metadata, items: objects.slice(from, to) }));
    return page.length <= read.maxBytes
      ? Promise.resolve(page)
      : Promise.reject(new HubRefused('question.too-large', 'too long'));
  },
});

function cluster(count: number, bytes: number): void {
  objects = Array.from({ length: count }, (_, n) => ({
    metadata: { name: String(n) },
    text: 'x'.repeat(bytes),
  }));
}

beforeEach(() => (asked = []));

describe('a list of the cluster', () => {
  it.each([
    ['short', 450, 10],
    ['long', 450, 10_000],
    ['longer than a page each', 3, 1_000_000],
  ])('is whole, whatever objects it has: %s', async (_what, count, bytes) => {
    cluster(count, bytes);
    const found = await reader.list(call, 'token', signal);
    expect(found.map(({ metadata }) => metadata.name)).toEqual(
      objects.map(({ metadata }) => metadata.name),
    );
    expect(found[0]).toMatchObject({ apiVersion: 'apps/v1', kind: 'Deployment' });
    expect(asked[0]).toMatchObject({ token: 'token', query: { labelSelector: 'a=b' } });
    expect(asked[0]?.query).not.toHaveProperty('resourceVersion');
  });

  it('is refused when it is more than a node takes', async () => {
    cluster(20, maxListBytes / 18);
    await expect(reader.list(call, undefined, signal)).rejects.toThrow(
      'these deployments are more than 8 MiB: choose by namespace or selector',
    );
    cluster(1, 3_000_000);
    await expect(reader.list(call, undefined, signal)).rejects.toThrow('too long');
  });
});
