import { describe, expect, it } from 'vitest';
import type { ObjectKey, Version } from '@skerry/shared/names';
import type { KubeApi, WatchEvent } from '../kube-api.ts';
import { AlreadyExists, Conflict, NotFound } from '../kube-errors.ts';
import { configMaps, nodes, pods, type ResourceType } from '../resource.ts';

/** An API of its own for one test, with the namespace `default` in it. */
export interface OpenedKube extends AsyncDisposable {
  readonly api: KubeApi;
}

interface Seen {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

const unserved: ResourceType = {
  ...configMaps,
  name: 'widgets.nowhere.example' as ResourceType['name'],
  group: 'nowhere.example',
  plural: 'widgets',
};

/** What every KubeApi must do; the fake and the real client run the same. */
export function kubeContract(name: string, open: () => Promise<OpenedKube>): void {
  describe(`${name} keeps the contract of KubeApi`, () => {
    const forever = new AbortController().signal;

    it('lists in pages that share one version and together hold everything', async () => {
      await using kube = await open();
      for (const n of [1, 2, 3, 4, 5])
        await kube.api.create(configMaps, 'default', configMap(`page-${n}`), forever);
      const seen: string[] = [];
      const versions = new Set<Version>();
      let next: string | undefined;
      do {
        const page = await kube.api.list(configMaps, { limit: 2, continue: next }, forever);
        expect(page.items.length).toBeLessThanOrEqual(2);
        seen.push(...page.items.map((item) => parse(item).metadata.name));
        versions.add(page.version);
        next = page.continue;
      } while (next !== undefined);
      expect(seen.filter((found) => found.startsWith('page-')).sort()).toEqual(
        [1, 2, 3, 4, 5].map((n) => `page-${n}`),
      );
      expect(versions.size).toBe(1);
    });

    it('watches from a list on: every change, in order, each newer than the one before', async () => {
      await using kube = await open();
      const { version } = await kube.api.list(configMaps, { limit: 500 }, forever);
      const key = 'configmaps/default/watched' as ObjectKey;
      await kube.api.create(configMaps, 'default', configMap('watched'), forever);
      await kube.api.patch(configMaps, key, { kind: 'merge', body: { data: { a: '2' } } }, forever);
      await kube.api.delete(configMaps, key, {}, forever);
      const seen = await firstEvents(kube.api, version, 3);
      expect(seen.map(({ type }) => type)).toEqual(['put', 'put', 'delete']);
      const versions = seen.map((event) => versionOf(event));
      expect(versions).toEqual(versions.toSorted((a, b) => Number(a - b)));
      expect(new Set(versions).size).toBe(3);
    });

    it('tells a watcher at once, without being asked again', async () => {
      await using kube = await open();
      const { version } = await kube.api.list(configMaps, { limit: 500 }, forever);
      const events = firstEvents(kube.api, version, 1);
      await kube.api.create(configMaps, 'default', configMap('live'), forever);
      expect((await events).map(({ type }) => type)).toEqual(['put']);
    });

    it('ends a watch when its signal aborts', async () => {
      await using kube = await open();
      const { version } = await kube.api.list(configMaps, { limit: 500 }, forever);
      const stop = new AbortController();
      const watch = (async () => {
        for await (const _ of kube.api.watch(
          configMaps,
          { from: version, timeoutSeconds: 60 },
          stop.signal,
        ));
      })();
      stop.abort();
      await expect(watch).rejects.toThrow();
    });

    it('answers NotFound for what is not there, and for resources that are not served', async () => {
      await using kube = await open();
      const key = 'configmaps/default/nothing' as ObjectKey;
      const body = { data: {} };
      await expect(kube.api.get(configMaps, key, forever)).rejects.toThrow(NotFound);
      await expect(kube.api.delete(configMaps, key, {}, forever)).rejects.toThrow(NotFound);
      await expect(
        kube.api.patch(configMaps, key, { kind: 'merge', body }, forever),
      ).rejects.toThrow(NotFound);
      await expect(kube.api.list(unserved, { limit: 1 }, forever)).rejects.toThrow(NotFound);
    });

    it('refuses to create twice', async () => {
      await using kube = await open();
      await kube.api.create(configMaps, 'default', configMap('once'), forever);
      const again = kube.api.create(configMaps, 'default', configMap('once'), forever);
      await expect(again).rejects.toThrow(AlreadyExists);
    });

    it('refuses an update and a patch that were decided on an older version', async () => {
      await using kube = await open();
      const key = 'configmaps/default/raced' as ObjectKey;
      const first = parse(
        await kube.api.create(configMaps, 'default', configMap('raced'), forever),
      );
      const stale = { metadata: { resourceVersion: first.metadata.resourceVersion } };
      await kube.api.patch(configMaps, key, { kind: 'merge', body: { data: { a: '2' } } }, forever);
      const patch = { kind: 'merge', body: { ...stale, data: { a: '3' } } } as const;
      await expect(kube.api.patch(configMaps, key, patch, forever)).rejects.toThrow(Conflict);
      const object = {
        ...configMap('raced'),
        metadata: { name: 'raced', namespace: 'default', ...stale.metadata },
      };
      await expect(kube.api.update(configMaps, key, object, forever)).rejects.toThrow(Conflict);
      expect(parse(await kube.api.get(configMaps, key, forever)).data).toEqual({ a: '2' });
    });

    it('removes a field that a merge patch sets to null', async () => {
      await using kube = await open();
      const key = 'configmaps/default/shrinks' as ObjectKey;
      await kube.api.create(
        configMaps,
        'default',
        configMap('shrinks', { a: '1', b: '2' }),
        forever,
      );
      const patched = await kube.api.patch(
        configMaps,
        key,
        { kind: 'merge', body: { data: { a: null } } },
        forever,
      );
      expect(parse(patched).data).toEqual({ b: '2' });
    });

    it('changes nothing but the status through the status subresource', async () => {
      await using kube = await open();
      const key = 'nodes//contract-1' as ObjectKey;
      await kube.api.create(nodes, '', node('contract-1'), forever);
      const body = {
        metadata: { labels: { a: 'b' } },
        status: { nodeInfo: { kubeletVersion: 'v1' } },
      };
      await kube.api.patch(
        nodes,
        key,
        { kind: 'merge', subresource: 'status', body: { status: body.status } },
        forever,
      );
      const patched = parse(await kube.api.get(nodes, key, forever));
      expect(patched.status).toMatchObject({ nodeInfo: { kubeletVersion: 'v1' } });
      const labelled = await kube.api.patch(
        nodes,
        key,
        {
          kind: 'merge',
          body: { metadata: body.metadata, status: { nodeInfo: { kubeletVersion: 'v2' } } },
        },
        forever,
      );
      expect(parse(labelled).status).toMatchObject({ nodeInfo: { kubeletVersion: 'v1' } });
      expect(parse(labelled).metadata.labels).toMatchObject({ a: 'b' });
    });

    it('does not make a new version of a patch that changes nothing', async () => {
      await using kube = await open();
      const key = 'configmaps/default/same' as ObjectKey;
      const first = parse(await kube.api.create(configMaps, 'default', configMap('same'), forever));
      const patched = await kube.api.patch(
        configMaps,
        key,
        { kind: 'merge', body: { data: { a: '1' } } },
        forever,
      );
      expect(parse(patched).metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    });

    it('deletes only the object with the uid that was meant', async () => {
      await using kube = await open();
      const key = 'configmaps/default/meant' as ObjectKey;
      const first = parse(
        await kube.api.create(configMaps, 'default', configMap('meant'), forever),
      );
      const other = kube.api.delete(configMaps, key, { uid: 'another' as never }, forever);
      await expect(other).rejects.toThrow(Conflict);
      await kube.api.delete(configMaps, key, { uid: first.metadata.uid as never }, forever);
      await expect(kube.api.get(configMaps, key, forever)).rejects.toThrow(NotFound);
    });

    it('keeps a bound pod until its node has ended it', async () => {
      await using kube = await open();
      await kube.api.create(nodes, '', node('contract-edge'), forever);
      const key = 'pods/default/bound' as ObjectKey;
      const created = parse(await kube.api.create(pods, 'default', pod('bound'), forever));
      await kube.api.delete(pods, key, {}, forever);
      expect(
        parse(await kube.api.get(pods, key, forever)).metadata.deletionTimestamp,
      ).toBeDefined();
      await kube.api.delete(
        pods,
        key,
        { uid: created.metadata.uid as never, graceSeconds: 0 },
        forever,
      );
      await expect(kube.api.get(pods, key, forever)).rejects.toThrow(NotFound);
    });
  });
}

async function firstEvents(api: KubeApi, from: Version, count: number): Promise<WatchEvent[]> {
  const seen: WatchEvent[] = [];
  const stop = new AbortController();
  for await (const event of api.watch(configMaps, { from, timeoutSeconds: 60 }, stop.signal)) {
    if (event.type !== 'bookmark') seen.push(event);
    if (seen.length === count) break;
  }
  stop.abort();
  return seen;
}

function versionOf(event: WatchEvent): bigint {
  if (event.type === 'bookmark') return event.version;
  return BigInt(parse(event.object).metadata.resourceVersion);
}

function parse(object: Buffer): Seen {
  return JSON.parse(object.toString('utf8')) as Seen;
}

function configMap(name: string, data: Record<string, string> = { a: '1' }): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data };
}

function node(name: string): object {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name } };
}

function pod(name: string): object {
  const containers = [{ name: 'main', image: 'busybox' }];
  const spec = { nodeName: 'contract-edge', containers };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec };
}
