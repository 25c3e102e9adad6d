import { clusterReadSubject, maxAnswerBytes, type ClusterRead } from '@skerry/proto/questions';
import { nodeName } from '@skerry/shared/names';
import { beforeEach, describe, expect, it } from 'vitest';
import { Forbidden, TooLarge } from '../kube/kube-errors.ts';
import type { ReadRequest, Reader } from '../kube/reader-as.ts';
import { clusterReads } from './cluster-reads.ts';

const node = nodeName('edge-1');
const { signal } = new AbortController();
const one: ClusterRead = {
  ...{ group: '', version: 'v1', plural: 'configmaps', namespace: 'shop', name: 'prices' },
  ...{ query: {}, maxBytes: 1_000 },
};

let read: { request: ReadRequest; reader: Reader }[];
let found: () => Promise<Buffer>;

beforeEach(() => {
  read = [];
  found = () => Promise.resolve(Buffer.from('{}'));
});

const reads = clusterReads({
  read: (request, reader) => {
    read.push({ request, reader });
    return found();
  },
});

function ask(body: unknown, subject = clusterReadSubject) {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return reads.answer(node, { type: 'question', id: 3, subject, body: bytes }, signal);
}

describe('what a node reads of the cluster', () => {
  it('is read as the account of that node, or by the token of who asks, and never as the hub', async () => {
    expect(await ask(one)).toMatchObject({ id: 3, code: '', body: Buffer.from('{}') });
    await ask({ ...one, token: 'a.b-c_d' });
    expect(read.map(({ reader }) => reader)).toEqual([
      { namespace: 'skerry-nodes', account: 'edge-1' },
      { token: 'a.b-c_d' },
    ]);
  });

  it('is one object, or a list by its selectors', async () => {
    await ask(one);
    const query = { labelSelector: 'a=b,c', limit: '20', continue: 'x/y', watch: 'true' };
    await ask({ ...one, group: 'apps', plural: 'deployments', name: '', namespace: '', query });
    expect(read.map(({ request }) => request)).toEqual([
      { path: '/api/v1/namespaces/shop/configmaps/prices', maxBytes: 1_000 },
      {
        path: '/apis/apps/v1/deployments?labelSelector=a%3Db%2Cc&limit=20&continue=x%2Fy',
        maxBytes: 1_000,
      },
    ]);
  });

  it.each([
    ['a subresource', { ...one, plural: 'pods', name: 'web/exec' }],
    ['a path that climbs', { ...one, namespace: '..' }],
    ['a path that is escaped', { ...one, name: 'a%2Fb' }],
    ['a proxy', { ...one, plural: 'nodes/edge-1/proxy' }],
    ['a query in the group', { ...one, group: 'apps?watch=true' }],
    ['headers in the token', { ...one, token: 'a\r\nImpersonate-User: b' }],
    ['nothing', {}],
    ['what is no JSON', 'x'],
  ])('is never %s', async (_what, body) => {
    expect(await ask(body)).toMatchObject({ code: 'question.malformed' });
    expect(read).toEqual([]);
  });

  it('is never longer than an answer may be', async () => {
    for (const maxBytes of [Number.MAX_VALUE, -1, 'x']) await ask({ ...one, maxBytes });
    expect(read.map(({ request }) => request.maxBytes)).toEqual(Array(3).fill(maxAnswerBytes));
    found = () => Promise.reject(new TooLarge('an answer of more than 2 bytes'));
    expect(await ask(one)).toMatchObject({ code: 'question.too-large' });
  });

  it('is refused in the words of the API server', async () => {
    found = () => Promise.reject(new Forbidden('User "x" cannot get resource "secrets"'));
    expect(await ask(one)).toMatchObject({
      code: 'kube.forbidden',
      reason: 'User "x" cannot get resource "secrets"',
    });
    expect(await ask(one, 'weather')).toMatchObject({ code: 'question.unknown' });
  });

  it('is only so much at once, of all nodes', async () => {
    const slow = Promise.withResolvers<Buffer>();
    found = () => slow.promise;
    const waiting = Array.from({ length: 64 }, () => ask(one));
    expect(await ask(one)).toMatchObject({ code: 'question.busy' });
    slow.resolve(Buffer.from('{}'));
    await Promise.all(waiting);
    expect(await ask(one)).toMatchObject({ code: '' });
  });
});
