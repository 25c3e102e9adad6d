import { aborted } from '@skerry/shared/supervise';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Forbidden, Gone, Unavailable } from '../kube/kube-errors.ts';
import { configMaps, devices, pods } from '../kube/resource.ts';
import { FakeKube } from '../kube/testing/fake-kube.ts';
import type { Delivery } from '../route/delivery.ts';
import { Placement } from '../route/placement.ts';
import { NumberLine } from './number-line.ts';
import { reflect, reflectorBackoff, shortWatchMs, type Reflection } from './reflector.ts';
import { runReflectors } from './run-reflectors.ts';
import { watchedResources } from './watched-resources.ts';

const rowOf = (name: string) => watchedResources.find(({ type }) => type.name === name)!;
const configMap = (name: string, data = '1') => ({
  metadata: { name, namespace: 'default' },
  data: { data },
});
const pod = (name: string, nodeName: string, config?: string) => ({
  metadata: { name, namespace: 'default' },
  spec: { nodeName, volumes: config ? [{ name: 'v', configMap: { name: config } }] : [] },
});

let kube: FakeKube;
let clock: ManualClock;
let stop: AbortController;

beforeEach(() => {
  kube = new FakeKube();
  clock = new ManualClock();
  stop = new AbortController();
});
afterEach(() => stop.abort());

/** Runs one reflector, keeping what it says in a line each. */
function record(resource = configMaps.name): {
  said: string[];
  failures: string[];
  ended: Promise<void>;
} {
  const said: string[] = [];
  const failures: string[] = [];
  const parts = {
    source: kube,
    resource: rowOf(resource),
    line: new NumberLine(),
    clock,
    random: () => 0.5,
    log: silentLog,
    onFailure: (code: string) => void failures.push(code),
  };
  const run = async (): Promise<void> => {
    for await (const reflection of reflect(parts, stop.signal)) said.push(say(reflection));
  };
  return { said, failures, ended: run() };
}

function say(reflection: Reflection): string {
  switch (reflection.type) {
    case 'snapshot':
      return `all: ${reflection.observed.map(({ key }) => key.split('/')[2]).join(' ')}`;
    case 'change':
      return `${reflection.observed.object ? '+' : '-'}${reflection.observed.key.split('/')[2] ?? ''}`;
    case 'progress':
      return 'progress';
    case 'absent':
      return 'absent';
  }
}

describe('a reflector', () => {
  it('lists once, then watches', async () => {
    kube.put(configMaps, configMap('a'));
    const { said } = record();
    await settle();
    kube.put(configMaps, configMap('b'));
    kube.remove(configMaps, 'configmaps/default/a');
    kube.bookmark(configMaps);
    await settle();
    expect(said).toEqual(['all: a', '+b', '-a', 'progress']);
    expect(kube.calls.map(({ call }) => call)).toEqual(['list', 'watch']);
  });

  it('lists page by page', async () => {
    for (let n = 0; n < 1_001; n++) kube.put(configMaps, configMap(`c${n}`));
    const { said } = record();
    await settle();
    expect(said[0]?.split(' ')).toHaveLength(1_002);
    expect(kube.calls.filter(({ call }) => call === 'list')).toHaveLength(3);
  });

  it('resumes where it was when the server ends the watch', async () => {
    const { said } = record();
    await settle();
    kube.put(configMaps, configMap('a'));
    await clock.advance(shortWatchMs);
    kube.endWatches();
    kube.put(configMaps, configMap('b'));
    await settle();
    expect(said).toEqual(['all: ', '+a', '+b']);
    expect(kube.calls.map(({ call }) => call)).toEqual(['list', 'watch', 'list', 'watch']);
  });

  it('resumes after a broken watch, with a delay', async () => {
    const { said, failures } = record();
    await settle();
    kube.endWatches(new Unavailable('cut'));
    await settle();
    kube.put(configMaps, configMap('a'));
    expect(kube.watchCount).toBe(0);
    await clock.advance(reflectorBackoff.firstMs);
    expect(said).toEqual(['all: ', '+a']);
    expect(failures).toEqual(['kube.unavailable']);
  });

  it('lists again when the server has forgotten its version', async () => {
    kube.put(configMaps, configMap('a'));
    const { said } = record();
    await settle();
    kube.endWatches(new Unavailable('cut'));
    await settle();
    kube.remove(configMaps, 'configmaps/default/a');
    kube.put(configMaps, configMap('b'));
    kube.forget();
    await clock.advance(10_000);
    expect(said).toEqual(['all: a', 'all: b']);
  });

  it('begins a list anew when its continue token has expired', async () => {
    for (let n = 0; n < 501; n++) kube.put(configMaps, configMap(`c${n}`));
    let lists = 0;
    kube.fault = (call) => (call === 'list' && ++lists === 2 ? new Gone('expired') : undefined);
    const { said } = record();
    await clock.advance(1_000);
    expect(said).toHaveLength(1);
    expect(lists).toBe(4);
  });

  it('waits for a resource whose CRD is not installed yet', async () => {
    kube.absent.add(devices.name);
    const { said } = record(devices.name);
    await clock.advance(20_000);
    expect(new Set(said)).toEqual(new Set(['absent']));
    kube.absent.clear();
    kube.put(devices, { metadata: { name: 'thermo', namespace: 'default' } });
    await clock.advance(2_000);
    expect(said.at(-1)).toBe('all: thermo');
  });

  it('does not hammer a server that fails or that ends every watch at once', async () => {
    record();
    kube.fault = (call) => (call === 'list' ? new Forbidden('no') : undefined);
    await clock.advance(600_000);
    expect(kube.calls.length).toBeLessThan(150);
    kube.fault = () => undefined;
    await clock.advance(10_000);
    const before = kube.calls.length;
    for (let second = 0; second < 600; second++) {
      kube.endWatches();
      await clock.advance(100);
    }
    expect(kube.calls.length - before).toBeLessThan(60);
  });

  it('leaves out an object that cannot be read and goes on', async () => {
    const { said } = record();
    await settle();
    kube.put(configMaps, { metadata: { name: 'bad', namespace: 'default', uid: 'x'.repeat(200) } });
    kube.put(configMaps, configMap('good'));
    await settle();
    expect(said).toEqual(['all: ', '+good']);
  });

  it('ends when its signal aborts', async () => {
    const { ended } = record();
    await settle();
    stop.abort();
    await ended;
  });
});

describe('runReflectors', () => {
  it('does not take a resource that is not served for one without objects', async () => {
    kube.put(devices, {
      metadata: { name: 'thermo', namespace: 'default' },
      spec: { nodeName: 'edge-1' },
    });
    await using hub = startReflectors();
    await settle();
    kube.absent.add(devices.name);
    kube.endWatches(new Unavailable('the server restarts'));
    await clock.advance(30_000);
    expect([...hub.heldBy('edge-1' as NodeName)]).toHaveLength(1);
  });

  it('begins a new epoch, and lists everything anew, when the cluster was restored', async () => {
    kube.put(configMaps, configMap('a', 'kept'));
    kube.put(pods, pod('b', 'edge-1', 'a'));
    await using hub = startReflectors();
    await settle();
    const restore = kube.backup();
    kube.put(configMaps, configMap('a', 'lost'));
    kube.put(pods, pod('c', 'edge-1'));
    await settle();
    restore();
    await clock.advance(10_000);
    expect(hub.epochs).toEqual([2]);
    expect(hub.placement.synced).toBe(true);
    expect(new Map(hub.heldBy('edge-1' as NodeName))).toEqual(expectedOn('edge-1' as NodeName));
    kube.put(configMaps, configMap('a', 'newer'));
    await settle();
    expect(new Map(hub.heldBy('edge-1' as NodeName))).toEqual(expectedOn('edge-1' as NodeName));
  });

  it('keeps every node level with the cluster, whatever fails on the way', async () => {
    const names = ['a', 'b', 'c'];
    let restore = kube.backup();
    const act = fc.oneof(
      fc.constantFrom(...names).map((name) => () => kube.put(configMaps, configMap(name))),
      fc
        .constantFrom(...names)
        .map((name) => () => kube.remove(configMaps, `configmaps/default/${name}`)),
      fc
        .tuple(
          fc.constantFrom(...names),
          fc.constantFrom('edge-1', 'edge-2'),
          fc.constantFrom(...names),
        )
        .map(
          ([name, node, config]) =>
            () =>
              kube.put(pods, pod(name, node, config)),
        ),
      fc.constantFrom(...names).map((name) => () => kube.remove(pods, `pods/default/${name}`)),
      fc.constant(() => kube.endWatches()),
      fc.constant(() => kube.endWatches(new Unavailable('cut'))),
      fc.constant(() => kube.forget()),
      fc.constant(() => kube.bookmark(pods)),
      fc.constant(() => (restore = kube.backup())),
      fc.constant(() => settle().then(() => (restore(), clock.advance(20_000)))),
      fc.nat(3).map((left) => () => failNext(left)),
      fc.nat(400).map((ms) => () => clock.advance(ms)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (script) => {
        kube = new FakeKube();
        restore = kube.backup();
        clock = new ManualClock();
        await using hub = startReflectors();
        for (const step of script) await step();
        kube.fault = () => undefined;
        await clock.advance(60_000);
        expect(hub.placement.synced).toBe(true);
        for (const node of ['edge-1', 'edge-2'] as NodeName[])
          expect(new Map(hub.heldBy(node))).toEqual(expectedOn(node));
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

function failNext(count: number): void {
  let left = count;
  kube.fault = (_call, key) => (left-- > 0 ? new Unavailable(`no ${key} for you`) : undefined);
}

function startReflectors(): AsyncDisposable & {
  placement: Placement;
  /** Begun by restores. */
  epochs: readonly number[];
  heldBy(node: NodeName): Iterable<[ObjectKey, string]>;
} {
  const ending = new AbortController();
  const epochs: number[] = [];
  const placement = new Placement(watchedResources.map(({ type }) => type.name));
  const line = new NumberLine();
  const held = new Map<NodeName, Map<ObjectKey, string>>();
  const onDeliveries = (deliveries: readonly Delivery[]): void => {
    for (const { node, change } of deliveries) {
      const store = held.get(node) ?? new Map<ObjectKey, string>();
      held.set(node, store);
      if (change.object) store.set(change.key, Buffer.from(change.object).toString());
      else store.delete(change.key);
    }
  };
  const onRewound = (): void => void epochs.push(line.epoch);
  const run = runReflectors(
    {
      source: kube,
      resources: watchedResources,
      placement,
      line,
      onDeliveries,
      onRewound,
      clock,
      random: () => 0.3,
      log: silentLog,
      metrics: noMetrics,
    },
    ending.signal,
  );
  return {
    placement,
    epochs,
    heldBy: (node) => held.get(node) ?? [],
    [Symbol.asyncDispose]: async () => {
      ending.abort();
      await Promise.all([run, aborted(ending.signal)]);
    },
  };
}

/** From the server's objects, by hand. */
function expectedOn(node: NodeName): Map<string, string> {
  const expected = new Map<string, string>();
  for (const name of ['a', 'b', 'c']) {
    const found = kube.read(`pods/default/${name}`);
    if (found?.spec?.['nodeName'] !== node) continue;
    expected.set(`pods/default/${name}`, withKind('Pod', found));
    const [volume] = found.spec['volumes'] as { configMap: { name: string } }[];
    const config = kube.read(`configmaps/default/${volume?.configMap.name ?? ''}`);
    if (config)
      expected.set(`configmaps/default/${config.metadata.name}`, withKind('ConfigMap', config));
  }
  return expected;
}

function withKind(
  kind: string,
  {
    kind: _kind,
    apiVersion: _version,
    ...object
  }: object & { kind?: unknown; apiVersion?: unknown },
): string {
  return JSON.stringify({ apiVersion: 'v1', kind, ...object });
}
