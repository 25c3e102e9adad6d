import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApiServer, type ApiServer } from '@skerry/apiserver/api-server';
import type { KubeApi } from '@skerry/cloudhub/kube/kube-api';
import { KubeClient } from '@skerry/cloudhub/kube/kube-client';
import { Gone } from '@skerry/cloudhub/kube/kube-errors';
import { loadKubeconfig } from '@skerry/cloudhub/kube/kubeconfig';
import {
  configMaps,
  deviceModels,
  devices,
  leases,
  nodes,
  pods,
  type ResourceType,
} from '@skerry/cloudhub/kube/resource';
import { kubeContract, type OpenedKube } from '@skerry/cloudhub/kube/testing/kube-contract';
import { runNodeLifecycle } from '@skerry/cloudhub/controllers/run-node-lifecycle';
import type { Delivery } from '@skerry/cloudhub/route/delivery';
import { Placement } from '@skerry/cloudhub/route/placement';
import { CurrentObjects } from '@skerry/cloudhub/upstream/current-objects';
import { LeaseKeeper, leaseKey } from '@skerry/cloudhub/upstream/lease-keeper';
import { openUpstream } from '@skerry/cloudhub/upstream/upstream';
import { NumberLine } from '@skerry/cloudhub/watch/number-line';
import { runReflectors } from '@skerry/cloudhub/watch/run-reflectors';
import { watchedResources } from '@skerry/cloudhub/watch/watched-resources';
import { systemClock, systemRandom } from '@skerry/shared/clock';
import type { ReportOutcome } from '@skerry/shared/delivery/report';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { resourceName, type NodeName, type ObjectKey } from '@skerry/shared/names';
import { supervise } from '@skerry/shared/supervise';
import { parseYaml } from '@skerry/shared/yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestPki } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';

const edge1 = 'edge-1' as NodeName;
const forever = new AbortController().signal;
const definitions: ResourceType = {
  name: resourceName('customresourcedefinitions', 'apiextensions.k8s.io'),
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};

interface Tls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** The embedded API in a directory of its own, and a client that found it by a kubeconfig. */
class Site implements AsyncDisposable {
  readonly api: KubeClient;
  readonly #directory: string;
  readonly #tls: Tls;
  #server: ApiServer;

  private constructor(directory: string, tls: Tls, server: ApiServer, api: KubeClient) {
    this.#directory = directory;
    this.#tls = tls;
    this.#server = server;
    this.api = api;
  }

  static async open(): Promise<Site> {
    const directory = await mkdtemp(join(tmpdir(), 'skerry-hub-kube-'));
    const pki = await TestPki.make(join(directory, 'pki'));
    const files = await pki.hub();
    const read = (path: string): Promise<string> => readFile(path, 'utf8');
    const tls = {
      ca: await read(pki.ca.cert),
      cert: await read(files.cert),
      key: await read(files.key),
    };
    const server = await serve(directory, tls, 0);
    const file = await pki.kubeconfig(server.url);
    const monotonic = (): number => systemClock.monotonic();
    const api = new KubeClient(await loadKubeconfig({ file, env: {}, monotonic }));
    return new Site(directory, tls, server, api);
  }

  /** As after a crash and a restart: the same objects at the same address. */
  async restart(): Promise<void> {
    const port = Number(new URL(this.#server.url).port);
    await this.#server[Symbol.asyncDispose]();
    this.#server = await serve(this.#directory, this.#tls, port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.api[Symbol.dispose]();
    await this.#server[Symbol.asyncDispose]();
    await rm(this.#directory, { recursive: true });
  }
}

function serve(directory: string, tls: Tls, port: number): Promise<ApiServer> {
  return openApiServer({
    dataDir: join(directory, 'api'),
    host: '127.0.0.1',
    port,
    tls,
    clock: systemClock,
    log: silentLog,
    random: systemRandom,
    role: 'api',
  });
}

kubeContract('the client of the embedded API', async (): Promise<OpenedKube> => {
  const site = await Site.open();
  return { api: site.api, [Symbol.asyncDispose]: () => site[Symbol.asyncDispose]() };
});

/** An object, with what these tests look at. */
interface Read {
  readonly metadata: { readonly uid: string };
  readonly spec: { readonly taints?: readonly unknown[] };
  readonly status: {
    readonly twins?: readonly unknown[];
    readonly conditions: readonly { type: string; status: string }[];
  };
}

/** All of the hub between the API server and the sessions. */
class Hub implements AsyncDisposable {
  readonly deliveries: Delivery[] = [];
  readonly placement: Placement = new Placement(watchedResources.map(({ type }) => type.name));
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  readonly #upstream: ReturnType<typeof openUpstream>;
  readonly leases: LeaseKeeper;

  constructor(api: KubeApi, graceMs = 40_000) {
    const { placement } = this;
    const current = new CurrentObjects(api, placement);
    const parts = {
      api,
      placement,
      current,
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
      metrics: noMetrics,
    };
    this.#upstream = openUpstream({ ...parts, coalesceMs: 0 });
    this.leases = new LeaseKeeper({ ...parts, cache: placement, graceMs });
    this.#running = supervise(this.#stop.signal, {
      upstream: (s) => this.#upstream.run(s),
      leases: (s) => this.leases.run(s),
      lifecycle: (s) => runNodeLifecycle({ ...parts, beats: this.leases, graceMs }, s),
      reflectors: (s) =>
        runReflectors(
          {
            ...parts,
            source: api,
            resources: watchedResources,
            line: new NumberLine(),
            onDeliveries: (news) => this.deliveries.push(...news),
            onRewound: () => undefined,
          },
          s,
        ),
    });
  }

  report(key: string, payload: unknown, from: NodeName = edge1): Promise<ReportOutcome> {
    const bytes = Buffer.from(JSON.stringify(payload));
    return this.#upstream.submit(from, {
      class: 'status',
      key: key as ObjectKey,
      payload: bytes,
      at: 0,
    });
  }

  /** What the node was last told about a key: its `data` or `status`, or that it is gone. */
  told(key: string): Record<string, unknown> | 'gone' | undefined {
    const last = this.deliveries.findLast(
      ({ node, change }) => node === edge1 && change.key === key,
    );
    if (!last) return undefined;
    if (!last.change.object) return 'gone';
    return JSON.parse(Buffer.from(last.change.object).toString()) as Record<string, unknown>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

const configMap = (name: string, value: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { value },
});
const pod = (name: string, config: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: {
    nodeName: 'edge-1',
    automountServiceAccountToken: false, // what comes with one is made when the API server gets to it
    containers: [{ name: 'main', image: 'busybox', envFrom: [{ configMapRef: { name: config } }] }],
  },
});
const nodeReport = {
  labels: { 'kubernetes.io/arch': 'amd64' },
  annotations: {},
  status: { capacity: { cpu: '2' }, conditions: [{ type: 'Ready', status: 'True' }] },
};

describe('the hub against the embedded API', () => {
  let site: Site;
  beforeEach(async () => {
    site = await Site.open();
  });
  afterEach(() => site[Symbol.asyncDispose]());

  const read = async (type: ResourceType, key: string): Promise<Read> =>
    JSON.parse((await site.api.get(type, key as ObjectKey, forever)).toString()) as Read;

  it('brings a pod and its ConfigMap down, and their changes and ends', async () => {
    await using hub = new Hub(site.api);
    await hub.report('nodes//edge-1', nodeReport);
    await site.api.create(configMaps, 'default', configMap('app', '1'), forever);
    await site.api.create(pods, 'default', pod('web', 'app'), forever);
    await eventually('the pod', () => hub.told('pods/default/web'));
    expect(hub.told('configmaps/default/app')).toMatchObject({
      kind: 'ConfigMap',
      data: { value: '1' },
    });
    const patch = { kind: 'merge', body: { data: { value: '2' } } } as const;
    await site.api.patch(configMaps, 'configmaps/default/app' as ObjectKey, patch, forever);
    await eventually('the change', () => {
      const told = hub.told('configmaps/default/app');
      return typeof told === 'object' && (told['data'] as { value: string }).value === '2';
    });
    const { uid } = (await read(pods, 'pods/default/web')).metadata;
    await site.api.delete(pods, 'pods/default/web' as ObjectKey, {}, forever);
    await eventually('the wish to end it', () => {
      const told = hub.told('pods/default/web');
      return typeof told === 'object' && 'deletionTimestamp' in (told['metadata'] as object);
    });
    const ended = { uid, status: { phase: 'Failed' }, gone: true };
    expect(await hub.report('pods/default/web', ended)).toEqual({ do: 'accepted' });
    await eventually('its end', () => hub.told('pods/default/web') === 'gone');
    expect(hub.told('configmaps/default/app')).toBe('gone');
  });

  it('knows after a restart what it lists, and then follows', async () => {
    await site.api.create(configMaps, 'default', configMap('app', '1'), forever);
    await site.api.create(pods, 'default', pod('web', 'app'), forever);
    await using hub = new Hub(site.api);
    await hub.placement.whenSynced;
    expect([...hub.placement.needs(edge1)].map(({ key }) => key).sort()).toEqual([
      'configmaps/default/app',
      'pods/default/web',
      'serviceaccounts/default/default', // the API server says who a pod is
    ]);
  });

  it('waits for the device CRDs, then brings devices down and their twins up', async () => {
    await using hub = new Hub(site.api);
    await hub.placement.whenSynced;
    for (const name of ['devicemodels', 'devices']) {
      const path = join(import.meta.dirname, `../../deploy/crds/devices.kubeedge.io_${name}.yaml`);
      const definition = parseYaml(await readFile(path, 'utf8'), path).value as object;
      await site.api.create(definitions, '', definition, forever);
    }
    const apiVersion = 'devices.kubeedge.io/v1beta1';
    const model = {
      apiVersion,
      kind: 'DeviceModel',
      metadata: { name: 'm', namespace: 'default' },
      spec: {},
    };
    const device = {
      apiVersion,
      kind: 'Device',
      metadata: { name: 'thermo', namespace: 'default' },
      spec: { nodeName: 'edge-1', deviceModelRef: { name: 'm' } },
    };
    await eventually('the CRDs to be served', () =>
      site.api.create(deviceModels, 'default', model, forever),
    );
    await site.api.create(devices, 'default', device, forever);
    const key = 'devices.devices.kubeedge.io/default/thermo';
    const told = await eventually('the device', () => hub.told(key));
    // its kind is watched on its own, so the model may come after the device
    const modelTold = await eventually('the model', () =>
      hub.told('devicemodels.devices.kubeedge.io/default/m'),
    );
    expect(modelTold).toMatchObject({ kind: 'DeviceModel' });
    const { uid } = (told as { metadata: { uid: string } }).metadata;
    const twin = (propertyName: string, value: string): object => ({
      propertyName,
      reported: { value, metadata: { timestamp: '1', type: 'string' } },
    });
    const report = (...twins: readonly object[]): Promise<unknown> =>
      hub.report(key, { uid, status: { twins } });
    const shown = async (): Promise<unknown> => (await read(devices, key)).status.twins;
    expect(await report(twin('a', '1'), twin('b', '1'))).toEqual({ do: 'accepted' });
    expect(await report(twin('a', '2'), twin('b', '1'))).toEqual({ do: 'accepted' });
    expect(await shown()).toMatchObject([twin('a', '2'), twin('b', '1')]);
    // what the node no longer speaks of is gone there
    expect(await report(twin('a', '2'))).toEqual({ do: 'accepted' });
    expect(await shown()).toMatchObject([twin('a', '2')]);
  });

  it('registers a node, keeps its Lease, and shows its silence and its return', async () => {
    await using hub = new Hub(site.api, 3_000);
    expect(await hub.report('nodes//edge-1', nodeReport)).toEqual({ do: 'accepted' });
    const beating = (): NodeJS.Timeout => setInterval(() => hub.leases.seen(edge1), 100);
    const heart = beating();
    const lease = await eventually('the Lease', () => read(leases, leaseKey(edge1)));
    expect(lease.spec).toMatchObject({ holderIdentity: 'edge-1', leaseDurationSeconds: 40 });
    const ready = async (): Promise<string | undefined> => {
      const { conditions } = (await read(nodes, 'nodes//edge-1')).status;
      return conditions.find(({ type }) => type === 'Ready')?.status;
    };
    expect(await ready()).toBe('True');
    clearInterval(heart);
    await eventually('NotReady', async () => (await ready()) === 'Unknown');
    await eventually('the taint', async () => {
      const { taints } = (await read(nodes, 'nodes//edge-1')).spec;
      return taints?.length === 2;
    });
    const again = beating();
    await hub.report('nodes//edge-1', nodeReport);
    await eventually('Ready', async () => (await ready()) === 'True');
    clearInterval(again);
  });

  it('loses nothing when the API server goes away and comes back', async () => {
    await using hub = new Hub(site.api);
    await hub.placement.whenSynced;
    await hub.report('nodes//edge-1', nodeReport);
    await site.api.create(configMaps, 'default', configMap('app', '0'), forever);
    await site.api.create(pods, 'default', pod('web', 'app'), forever);
    const { uid } = (await read(pods, 'pods/default/web')).metadata;
    for (let round = 1; round <= 3; round++) {
      const status = { phase: 'Running', message: `round ${round}` };
      const [, outcome] = await Promise.all([
        site.restart(),
        hub.report('pods/default/web', { uid, status }),
      ]);
      expect(outcome).toEqual({ do: 'accepted' });
      const patch = { kind: 'merge', body: { data: { value: String(round) } } } as const;
      await site.api.patch(configMaps, 'configmaps/default/app' as ObjectKey, patch, forever);
      await eventually(`round ${round}`, () => {
        const told = hub.told('configmaps/default/app');
        return (
          typeof told === 'object' && (told['data'] as { value: string }).value === String(round)
        );
      });
      expect((await read(pods, 'pods/default/web')).status).toMatchObject(status);
    }
  });

  it('is told when the version it would resume from is long forgotten', async () => {
    const watch = { from: 1n as never, timeoutSeconds: 5 };
    await site.restart(); // its history begins anew
    const begin = async (): Promise<void> => {
      for await (const _ of site.api.watch(configMaps, watch, forever));
    };
    await expect(begin()).rejects.toThrow(Gone);
  });
});
