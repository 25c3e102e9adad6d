import type { ReportOutcome } from '@skerry/shared/delivery/report';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import type { NodeName, ObjectKey } from '@skerry/shared/names';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Conflict, Unavailable } from '../kube/kube-errors.ts';
import { configMaps, devices, nodes, pods } from '../kube/resource.ts';
import { FakeKube, type FakeObject } from '../kube/testing/fake-kube.ts';
import { Placement } from '../route/placement.ts';
import { reflectKube } from '../watch/testing/reflect-kube.ts';
import { CurrentObjects } from './current-objects.ts';
import { openUpstream, type Upstream } from './upstream.ts';

const edge1 = 'edge-1' as NodeName;
const web = 'pods/default/web';
const thermo = 'devices.devices.kubeedge.io/default/thermo';
const node = 'nodes//edge-1';

let kube: FakeKube;
let clock: ManualClock;
let stop: AbortController;
let upstream: Upstream;
let running: Promise<unknown>;

beforeEach(async () => {
  kube = new FakeKube();
  clock = new ManualClock();
  stop = new AbortController();
  const { placement, run } = reflectKube(kube, clock);
  const shared = { placement, clock, random: () => 0.5, log: silentLog, metrics: noMetrics };
  const current = new CurrentObjects(kube, placement);
  upstream = openUpstream({ ...shared, coalesceMs: 0, api: kube, current });
  running = Promise.all([upstream.run(stop.signal), run(stop.signal)]);
  await settle();
});

afterEach(async () => {
  stop.abort();
  await running;
});

/** Reports, and lets time pass until there is an answer. */
async function report(
  key: string,
  payload: unknown,
  from: NodeName = edge1,
): Promise<ReportOutcome> {
  const bytes = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  const outcome = upstream.submit(from, {
    class: 'status',
    key: key as ObjectKey,
    payload: bytes,
    at: 0,
  });
  const answer = { given: false };
  const note = (): boolean => (answer.given = true);
  outcome.then(note, note);
  for (let n = 0; n < 50 && !answer.given; n++) await clock.advance(200);
  return outcome;
}

const writes = (): string[] =>
  kube.calls
    .filter(({ call }) => ['create', 'patch', 'delete', 'update'].includes(call))
    .map(({ call, key }) => `${call} ${key}`);

async function pod(extra: Partial<FakeObject> = {}): Promise<string> {
  const stored = kube.put(pods, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { nodeName: 'edge-1' },
    status: {
      phase: 'Pending',
      qosClass: 'BestEffort',
      conditions: [{ type: 'PodScheduled', status: 'True' }],
    },
    ...extra,
  });
  await settle();
  return stored.metadata.uid ?? '';
}

const running1 = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

describe('reports about pods', () => {
  it('become the status, without losing what others wrote there', async () => {
    const uid = await pod();
    expect(await report(web, { uid, status: running1 })).toEqual({ do: 'accepted' });
    expect(kube.read(web)?.status).toEqual({
      phase: 'Running',
      qosClass: 'BestEffort',
      conditions: [
        { type: 'PodScheduled', status: 'True' },
        { type: 'Ready', status: 'True' },
      ],
    });
    expect(writes()).toEqual([`patch ${web}`]);
  });

  it('are not written when they say nothing new', async () => {
    const uid = await pod();
    await report(web, { uid, status: running1 });
    await report(web, { uid, status: running1 });
    expect(writes()).toHaveLength(1);
  });

  it('follow one another without reading in between, before the watch has shown the first', async () => {
    const uid = await pod();
    await report(web, { uid, status: running1 });
    await report(web, { uid, status: { ...running1, phase: 'Succeeded' } });
    expect(kube.read(web)?.status?.['phase']).toBe('Succeeded');
    expect(kube.calls.filter(({ call }) => call === 'get')).toEqual([]);
  });

  it('are decided anew when somebody else has written meanwhile', async () => {
    const uid = await pod();
    kube.fault = (call) => {
      if (call !== 'patch') return undefined;
      kube.fault = () => undefined;
      const { status: _, ...held } = kube.read(web)!;
      kube.put(pods, { ...held, status: { phase: 'Pending', nominatedNodeName: 'x' } });
      return undefined;
    };
    expect(await report(web, { uid, status: running1 })).toEqual({ do: 'accepted' });
    expect(kube.read(web)?.status).toMatchObject({ phase: 'Running', nominatedNodeName: 'x' });
  });

  it('are tried again until the server accepts them', async () => {
    const uid = await pod();
    let failures = 0;
    kube.fault = (call) =>
      call === 'patch' && ++failures <= 7 ? new Unavailable('down') : undefined;
    expect(await report(web, { uid, status: running1 })).toEqual({ do: 'accepted' });
    kube.fault = (call) =>
      call === 'patch' && ++failures <= 30 ? new Conflict('busy') : undefined;
    expect(await report(web, { uid, status: { phase: 'Failed' } })).toEqual({ do: 'accepted' });
  });

  it('are refused from another node', async () => {
    const uid = await pod();
    const refused = await report(web, { uid, status: running1 }, 'edge-2' as NodeName);
    expect(refused).toMatchObject({ do: 'refused', code: 'upstream.forbidden' });
    expect(writes()).toEqual([]);
  });

  it('are refused about a pod that is gone or has been replaced', async () => {
    await pod();
    const replaced = await report(web, { uid: 'another', status: running1 });
    expect(replaced).toMatchObject({ do: 'refused', code: 'upstream.not-found' });
    const missing = await report('pods/default/nothing', { uid: 'u', status: running1 });
    expect(missing).toMatchObject({ do: 'refused', code: 'upstream.not-found' });
    expect(writes()).toEqual([]);
  });

  it('remove a pod that was being deleted once its node has ended it', async () => {
    const uid = await pod({
      metadata: { name: 'web', namespace: 'default', deletionTimestamp: '2026-01-01T00:00:00Z' },
    });
    const ended = { uid, status: { phase: 'Failed' }, gone: true };
    expect(await report(web, ended)).toEqual({ do: 'accepted' });
    expect(writes()).toEqual([`patch ${web}`, `delete ${web}`]);
    expect(kube.calls.at(-1)?.body).toEqual({ uid, graceSeconds: 0 });
    expect(kube.read(web)).toBeUndefined();
  });

  it('do not remove a pod that nobody deletes', async () => {
    const uid = await pod();
    expect(await report(web, { uid, status: { phase: 'Failed' }, gone: true })).toEqual({
      do: 'accepted',
    });
    expect(kube.read(web)?.status?.['phase']).toBe('Failed');
  });
});

describe('reports about the node', () => {
  const status = {
    capacity: { cpu: '2' },
    conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: '2026-01-01T00:00:00Z' }],
  };

  it('register it', async () => {
    const labels = { 'kubernetes.io/arch': 'amd64', site: 'north' };
    expect(await report(node, { labels, annotations: { a: 'b' }, status })).toEqual({
      do: 'accepted',
    });
    expect(kube.read(node)).toMatchObject({
      kind: 'Node',
      metadata: {
        name: 'edge-1',
        labels: {
          ...labels,
          'node-role.kubernetes.io/edge': '',
          'kubernetes.io/hostname': 'edge-1',
        },
        annotations: { a: 'b' },
      },
      status,
    });
  });

  it('keep labels of others and add their own', async () => {
    kube.put(nodes, { metadata: { name: 'edge-1', labels: { zone: 'b', site: 'old' } } });
    await settle();
    await report(node, { labels: { site: 'north' }, annotations: {}, status });
    expect(kube.read(node)?.metadata['labels']).toEqual({ zone: 'b', site: 'north' });
  });

  it('do not make a control plane of it', async () => {
    const labels = {
      'node-role.kubernetes.io/control-plane': '',
      'x.node-restriction.kubernetes.io/y': 'z',
    };
    await report(node, { labels, annotations: {}, status });
    const given = Object.keys(kube.read(node)?.metadata['labels'] as object);
    expect(given.sort()).toEqual(['kubernetes.io/hostname', 'node-role.kubernetes.io/edge']);
  });

  it('are not written for a heartbeat alone, until five minutes have passed', async () => {
    const beat = (minute: number): object => ({
      labels: {},
      annotations: {},
      status: {
        ...status,
        conditions: [
          { ...status.conditions[0], lastHeartbeatTime: `2026-01-01T00:0${minute}:00Z` },
        ],
      },
    });
    for (const minute of [0, 1, 4]) await report(node, beat(minute));
    expect(writes()).toEqual([`create ${node}`, `patch ${node}`]);
    await report(node, beat(5));
    expect(writes()).toHaveLength(3);
  });

  it('bring back Ready, also when the news of its loss has not reached the hub', async () => {
    await report(node, { labels: {}, annotations: {}, status });
    kube.endWatches(new Unavailable('cut'));
    const lost = { ...status, conditions: [{ type: 'Ready', status: 'Unknown' }] };
    kube.put(nodes, { ...kube.read(node)!, status: lost });
    await report(node, { labels: {}, annotations: {}, status });
    expect(kube.read(node)?.status?.['conditions']).toMatchObject([
      { type: 'Ready', status: 'True' },
    ]);
  });

  it('register it again when somebody has removed it meanwhile', async () => {
    await report(node, { labels: {}, annotations: {}, status });
    kube.remove(nodes, node);
    expect(await report(node, { labels: {}, annotations: {}, status })).toEqual({ do: 'accepted' });
    expect(kube.read(node)?.status).toMatchObject(status);
  });

  it('are refused about another node', async () => {
    const other = await report('nodes//edge-2', { labels: {}, annotations: {}, status });
    expect(other).toMatchObject({ do: 'refused', code: 'upstream.forbidden' });
  });
});

describe('reports about devices', () => {
  const twin = (propertyName: string, value: string): object => ({
    propertyName,
    reported: { value },
  });

  async function device(): Promise<string> {
    const stored = kube.put(devices, {
      metadata: { name: 'thermo', namespace: 'default' },
      spec: { nodeName: 'edge-1' },
      status: { twins: [twin('temperature', '20'), twin('humidity', '40')], observedGeneration: 3 },
    });
    await settle();
    return stored.metadata.uid ?? '';
  }

  it('change the twins they mention and nothing else', async () => {
    const uid = await device();
    const status = { twins: [twin('temperature', '21'), twin('setpoint', '19')], state: 'online' };
    expect(await report(thermo, { uid, status })).toEqual({ do: 'accepted' });
    expect(kube.read(thermo)?.status).toEqual({
      twins: [twin('temperature', '21'), twin('humidity', '40'), twin('setpoint', '19')],
      observedGeneration: 3,
      state: 'online',
    });
  });

  it('bring a value desired at the edge into the spec, once, and tell that it was decided', async () => {
    const { uid = '' } = kube.put(devices, {
      metadata: { name: 'thermo', namespace: 'default' },
      spec: {
        nodeName: 'edge-1',
        properties: [{ name: 'a' }, { name: 'setpoint', desired: { value: '20' }, visitors: {} }],
      },
    }).metadata;
    await settle();
    const wish = { property: 'setpoint', value: '25', over: '20', version: 1, at: 5 };
    const payload = { uid, status: {}, desired: [wish] };
    expect(await report(thermo, payload)).toEqual({ do: 'accepted' });
    expect(kube.read(thermo)?.spec).toEqual({
      nodeName: 'edge-1',
      properties: [
        { name: 'a' },
        { name: 'setpoint', desired: { value: '25', metadata: { timestamp: '5' } }, visitors: {} },
      ],
    });
    const before = kube.read(thermo);
    expect(await report(thermo, payload)).toEqual({ do: 'accepted' }); // again: decided already
    expect(kube.read(thermo)).toEqual(before);
    const late = { ...wish, value: '30', over: '20', version: 2 };
    if (!before) throw new Error('the device is gone');
    kube.put(devices, {
      ...before,
      spec: { nodeName: 'edge-1', properties: [{ name: 'setpoint', desired: { value: '22' } }] },
    });
    await settle();
    expect(await report(thermo, { ...payload, desired: [late] })).toEqual({ do: 'accepted' });
    const lost = kube.read(thermo);
    expect(lost?.spec).toMatchObject({ properties: [{ desired: { value: '22' } }] });
    expect(lost?.metadata['annotations']).toEqual({
      'edge.skerry.io/settled-wishes': '{"setpoint":{"version":2}}',
    });
  });

  it('are refused from another node', async () => {
    const uid = await device();
    const refused = await report(thermo, { uid, status: {} }, 'edge-2' as NodeName);
    expect(refused).toMatchObject({ do: 'refused', code: 'upstream.forbidden' });
  });
});

describe('events', () => {
  const key = 'events/default/web.17a';
  const event = (kind: string, name: string, namespace?: string): object => ({
    metadata: { name: 'web.17a', namespace: 'default', uid: 'forged', labels: { a: 'b' } },
    involvedObject: { kind, name, namespace },
    reason: 'Started',
  });

  it('are created once', async () => {
    await pod();
    expect(await report(key, event('Pod', 'web', 'default'))).toEqual({ do: 'accepted' });
    expect(await report(key, event('Pod', 'web', 'default'))).toEqual({ do: 'accepted' });
    expect(kube.read(key)).toMatchObject({ reason: 'Started', metadata: { name: 'web.17a' } });
    expect(kube.read(key)?.metadata['labels']).toBeUndefined();
  });

  it('are counted when they are told again', async () => {
    await pod();
    const again = (count: number): object => ({
      ...event('Pod', 'web', 'default'),
      count,
      lastTimestamp: `2026-01-01T00:00:0${count}Z`,
    });
    await report(key, again(1));
    expect(await report(key, again(4))).toEqual({ do: 'accepted' });
    expect(kube.read(key)).toMatchObject({ count: 4, lastTimestamp: '2026-01-01T00:00:04Z' });
    await report('events/default/of-another', again(1));
    await report('events/default/of-another', again(5));
    expect(kube.read('events/default/of-another')).toMatchObject({ count: 1 });
  });

  it('may be told of the node itself and of a pod that has ended', async () => {
    expect(await report(key, event('Node', 'edge-1'))).toEqual({ do: 'accepted' });
    expect(await report('events/default/other', event('Pod', 'ended', 'default'))).toEqual({
      do: 'accepted',
    });
  });

  it('are refused about what belongs to others', async () => {
    await pod({ spec: { nodeName: 'edge-2' } });
    for (const [about, code] of [
      [event('Pod', 'web', 'default'), 'upstream.forbidden'],
      [event('Node', 'edge-2'), 'upstream.forbidden'],
      [event('Pod', 'web', 'kube-system'), 'upstream.malformed'],
      [event('Secret', 'web', 'default'), 'upstream.malformed'],
      [event('constructor', 'web', 'default'), 'upstream.malformed'],
    ] as const)
      expect(await report(key, about)).toMatchObject({ do: 'refused', code });
  });
});

describe('reports that make no sense', () => {
  it('are refused, each with its reason', async () => {
    kube.put(configMaps, { metadata: { name: 'c', namespace: 'default' } });
    await pod();
    for (const [key, payload, code] of [
      [web, 'not json', 'upstream.malformed'],
      [web, '7', 'upstream.malformed'],
      [web, { uid: 'u' }, 'upstream.malformed'],
      [node, { labels: {} }, 'upstream.malformed'],
      [thermo, { status: [] }, 'upstream.malformed'],
      [thermo, { uid: 'u', status: {}, desired: [{ property: 'a' }] }, 'upstream.malformed'],
      ['configmaps/default/c', {}, 'upstream.unsupported'],
      ['constructor/default/c', {}, 'upstream.unsupported'],
    ] as const)
      expect(await report(key, payload)).toMatchObject({ do: 'refused', code });
    expect(writes()).toEqual([]);
  });

  it('wait while nothing is known about the cluster yet', async () => {
    const placement = new Placement([pods.name]);
    const early = openUpstream({
      coalesceMs: 0,
      api: kube,
      placement,
      current: new CurrentObjects(kube, placement),
      clock,
      random: () => 0.5,
      log: silentLog,
      metrics: noMetrics,
    });
    const ending = new AbortController();
    const run = early.run(ending.signal);
    const payload = Buffer.from(JSON.stringify({ uid: 'u', status: {} }));
    const outcome = early.submit(edge1, { class: 'status', key: web as ObjectKey, payload, at: 0 });
    await clock.advance(60_000);
    expect(kube.calls.filter(({ call }) => call === 'get')).toEqual([]);
    ending.abort();
    await run;
    await expect(outcome).rejects.toThrow();
  });
});
