import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { restBench, type RestBench } from '../testing/rest-bench.ts';

async function benchWithNamespace(): Promise<RestBench> {
  const bench = await restBench();
  await bench.ask('create', { resource: 'namespaces', body: { metadata: { name: 'default' } } });
  return bench;
}

const deployment: Json = {
  metadata: { name: 'd' },
  spec: {
    selector: { matchLabels: { app: 'd' } },
    template: {
      metadata: { labels: { app: 'd' } },
      spec: { containers: [{ name: 'c', image: 'app:1' }] },
    },
  },
};

describe('writes', () => {
  it('count the changes of what is wanted, not those of labels or of the status', async () => {
    await using bench = await benchWithNamespace();
    const one = { resource: 'deployments.apps/v1', name: 'd' };
    await bench.ask('create', { resource: one.resource, body: deployment });
    const patch = (body: Json, subresource = ''): Promise<{ metadata: { generation?: number } }> =>
      bench.object('patch', {
        ...one,
        subresource,
        body,
        mediaType: 'application/merge-patch+json',
      });
    expect((await patch({ metadata: { labels: { a: 'b' } } })).metadata.generation).toBe(1);
    expect((await patch({ status: { replicas: 1 } }, 'status')).metadata.generation).toBe(1);
    expect((await patch({ spec: { replicas: 3 } })).metadata.generation).toBe(2);
    expect((await patch({ spec: { replicas: 3 } })).metadata.generation).toBe(2);
  });

  it.each([
    [{ port: 80 }, 80],
    [{ port: 80, targetPort: 0 }, 80],
    [{ port: 80, targetPort: '' }, 80],
    [{ port: 80, targetPort: 8080 }, 8080],
    [{ port: 80, targetPort: 'http' }, 'http'],
  ])('know which port of its pods a service leads to: %j', async (port, targetPort) => {
    await using bench = await benchWithNamespace();
    const body = { metadata: { name: 's' }, spec: { ports: [port] } };
    expect(await bench.object('create', { resource: 'services', body })).toMatchObject({
      spec: { ports: [{ port: 80, targetPort }] },
    });
  });

  it('do not let a client write what the server owns', async () => {
    await using bench = await benchWithNamespace();
    const metadata = {
      name: 'c',
      uid: 'mine',
      generation: 7,
      creationTimestamp: '2000-01-01T00:00:00Z',
      deletionTimestamp: '2000-01-01T00:00:00Z',
    };
    const created = await bench.object('create', { resource: 'configmaps', body: { metadata } });
    expect(created.metadata.uid).not.toBe('mine');
    expect(created.metadata).not.toHaveProperty('generation');
    expect(created.metadata).not.toHaveProperty('deletionTimestamp');
    expect(created.metadata.creationTimestamp).toBe('2026-01-01T00:00:00Z');
    const body = {
      ...created,
      metadata: { ...created.metadata, creationTimestamp: '2000-01-01T00:00:00Z' },
    };
    const updated = await bench.object('update', { resource: 'configmaps', name: 'c', body });
    expect(updated).toEqual(created);
  });

  it('refuse a deletion in so many seconds as are none', async () => {
    await using bench = await benchWithNamespace();
    const one = { resource: 'configmaps', name: 'c' };
    await bench.ask('create', { resource: 'configmaps', body: { metadata: { name: 'c' } } });
    const soon = bench.ask('delete', { ...one, query: 'gracePeriodSeconds=soon' });
    await expect(soon).rejects.toThrow('gracePeriodSeconds is not a whole number: "soon"');
  });

  it('scale whatever has replicas', async () => {
    await using bench = await benchWithNamespace();
    const scale = { resource: 'deployments.apps/v1', name: 'd', subresource: 'scale' };
    await bench.ask('create', { resource: scale.resource, body: deployment });
    const body = { metadata: { name: 'd' }, spec: { replicas: 5 } };
    const answer = await bench.ask('update', { ...scale, body });
    expect(answer).toMatchObject({
      body: { kind: 'Scale', spec: { replicas: 5 }, status: { replicas: 0, selector: 'app=d' } },
    });
    const scaled = await bench.object('get', { resource: scale.resource, name: 'd' });
    expect(scaled).toMatchObject({ spec: { replicas: 5 }, metadata: { generation: 2 } });
    const negative = { ...body, spec: { replicas: -1 } };
    await expect(bench.ask('update', { ...scale, body: negative })).rejects.toThrow(
      'must be greater than or equal to 0',
    );
  });

  it('refuse to fill a namespace that is going away', async () => {
    await using bench = await benchWithNamespace();
    await bench.ask('delete', { resource: 'namespaces', name: 'default' });
    await expect(
      bench.ask('create', { resource: 'configmaps', body: { metadata: { name: 'c' } } }),
    ).rejects.toMatchObject({
      message: expect.stringContaining('because it is being terminated') as unknown,
      details: { causes: [{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }] },
    });
  });

  it('apply many patches of one object at once, and lose none', async () => {
    await using bench = await benchWithNamespace();
    const one = { resource: 'configmaps', name: 'c', mediaType: 'application/merge-patch+json' };
    await bench.ask('create', { resource: 'configmaps', body: { metadata: { name: 'c' } } });
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        bench.ask('patch', { ...one, body: { data: { [`k${n}`]: String(n) } } }),
      ),
    );
    const { data } = await bench.object('get', { resource: 'configmaps', name: 'c' });
    expect(Object.keys(data ?? {})).toHaveLength(40);
  });

  it('keep a secret, not the text it was written as', async () => {
    await using bench = await benchWithNamespace();
    const body = { metadata: { name: 's' }, stringData: { a: 'b' } };
    const secret = await bench.object('create', { resource: 'secrets', body });
    expect(secret).toMatchObject({ type: 'Opaque', data: { a: 'Yg==' } });
    expect(secret).not.toHaveProperty('stringData');
  });
});
