import { kubeTime } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { objectKey, uid, version, type ObjectKey } from '@skerry/shared/names';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NotFound } from '../kube/kube-errors.ts';
import { alertRules, alerts, silences, type ResourceType } from '../kube/resource.ts';
import { unrouted, type Observed } from '../route/observed.ts';
import type { DecideStatus } from '../upstream/status-writer.ts';
import { mergeDiff } from '../upstream/merge-diff.ts';
import type { KubeObject } from '../upstream/current-objects.ts';
import {
  alarmStatusEveryMs,
  alarmStatusPeriodMs,
  runAlarmStatuses,
  type AlarmStatusParts,
} from './run-alarm-statuses.ts';

const start = Date.UTC(2026, 0, 1);
const rule = {
  source: { certificate: {} },
  comparison: { operator: 'LessThan', threshold: 14 },
};

let clock: ManualClock;
let stop: AbortController;
let running: Promise<unknown>;
let cluster: Map<ObjectKey, { readonly object: Record<string, unknown>; readonly seen: Observed }>;
let writes: string[];

function put(type: ResourceType, name: string, fields: object): void {
  const key = objectKey(type.name, '', name);
  const object = { metadata: { name, uid: name, generation: 1, resourceVersion: '1' }, ...fields };
  const bytes = Buffer.from(JSON.stringify(object));
  const seen = { key, uid: uid(name), version: version('1'), routing: unrouted, object: bytes };
  cluster.set(key, { object, seen });
}

function alert(name: string, node: string, state: string, silencedBy?: string): void {
  const status = { state, ...(silencedBy !== undefined && { silencedBy }) };
  put(alerts, name, { spec: { rule: 'expires', node, instance: '' }, status });
}

function statusOf(type: ResourceType, name: string): unknown {
  return cluster.get(objectKey(type.name, '', name))?.object['status'];
}

/** A cluster that takes every status that differs. */
function write(
  { key }: { readonly key: ObjectKey },
  decide: DecideStatus,
): Promise<{ do: 'accepted'; object: KubeObject }> {
  const held = cluster.get(key);
  if (!held) return Promise.reject(new NotFound('gone'));
  const object = held.object as unknown as KubeObject;
  const decision = decide(object);
  if (decision.do === 'refused') throw new Error('no status is refused');
  if (mergeDiff(object.status ?? {}, decision.status)) {
    writes.push(key.slice(key.lastIndexOf('/') + 1));
    held.object['status'] = JSON.parse(JSON.stringify(decision.status));
  }
  return Promise.resolve({ do: 'accepted', object });
}

beforeEach(() => {
  clock = new ManualClock(start);
  stop = new AbortController();
  cluster = new Map();
  writes = [];
});
afterEach(async () => {
  stop.abort();
  await running;
});

async function begin(): Promise<void> {
  const all = function* (resource: string): Generator<Observed> {
    for (const [key, { seen }] of cluster) if (key.startsWith(`${resource}/`)) yield seen;
  };
  const parts: AlarmStatusParts = {
    ...{ clock, log: silentLog },
    placement: {
      ...{ whenSynced: Promise.resolve(), all },
      find: (key) => cluster.get(key)?.seen,
    },
    statuses: { write: (target, decide) => write(target, decide) },
  };
  running = runAlarmStatuses(parts, stop.signal).catch(() => undefined);
  await clock.advance(0);
}

describe('what hubs say of rules and silences', () => {
  it('is whether a rule can be read, and how many of its alerts fire on how many nodes', async () => {
    put(alertRules, 'expires', { spec: rule });
    put(alertRules, 'off', { spec: { ...rule, enabled: false } });
    put(alertRules, 'odd', { spec: { ...rule, source: { weather: {} } } });
    for (const [name, node] of [
      ['a', 'n1'],
      ['b', 'n1'],
      ['c', 'n2'],
    ] as const)
      alert(name, node, 'firing');
    alert('d', 'n3', 'resolved');
    await begin();
    const accepted = { type: 'Accepted', status: 'True', observedGeneration: 1 };
    expect(statusOf(alertRules, 'expires')).toEqual({
      observedGeneration: 1,
      firing: 3,
      nodes: 2,
      conditions: [
        {
          ...accepted,
          reason: 'Read',
          message: 'it is evaluated on the nodes that it is placed on',
          lastTransitionTime: kubeTime(start),
        },
      ],
    });
    expect(statusOf(alertRules, 'off')).toMatchObject({
      firing: 0,
      conditions: [{ ...accepted, reason: 'Disabled' }],
    });
    expect(statusOf(alertRules, 'odd')).toMatchObject({
      conditions: [
        {
          ...{ status: 'False', reason: 'Unreadable' },
          message: expect.stringContaining('spec.source needs exactly one of unit') as string,
        },
      ],
    });
  });

  it('is whether a silence holds, and how many alerts it covers', async () => {
    const spec = {
      matchLabels: { team: 'sea' },
      startsAt: kubeTime(start + 20_000),
      endsAt: kubeTime(start + 40_000),
    };
    put(silences, 'painting', { spec });
    put(silences, 'endless', { spec: { ...spec, endsAt: 'never' } });
    alert('a', 'n1', 'firing', 'painting');
    alert('b', 'n1', 'firing');
    const said = (): unknown => statusOf(silences, 'painting');
    await begin();
    expect(said()).toMatchObject({ state: 'Pending', silenced: 0 });
    const active = (status: string): object =>
      expect.arrayContaining([expect.objectContaining({ type: 'Active', status })]) as object;
    await clock.advance(20_000);
    expect(said()).toMatchObject({ state: 'Active', silenced: 1, conditions: active('True') });
    await clock.advance(20_000 + alarmStatusPeriodMs);
    expect(said()).toMatchObject({ state: 'Expired', silenced: 0, conditions: active('False') });
    expect(statusOf(silences, 'endless')).toMatchObject({ state: null, silenced: 0 });
  });

  it('is written when it changes, and then only so often, but at once for a new spec', async () => {
    put(alertRules, 'expires', { spec: rule });
    await begin();
    await clock.advance(alarmStatusEveryMs);
    expect(writes).toEqual(['expires']);
    alert('a', 'n1', 'firing');
    await clock.advance(alarmStatusPeriodMs);
    expect(writes).toHaveLength(2);
    alert('b', 'n1', 'firing');
    await clock.advance(alarmStatusPeriodMs);
    expect(statusOf(alertRules, 'expires')).toMatchObject({ firing: 1 });
    await clock.advance(alarmStatusEveryMs);
    expect(statusOf(alertRules, 'expires')).toMatchObject({ firing: 2 });
    expect(writes).toHaveLength(3);
    const metadata = { name: 'expires', uid: 'expires', generation: 2, resourceVersion: '9' };
    const status = statusOf(alertRules, 'expires');
    put(alertRules, 'expires', { metadata, spec: { ...rule, enabled: false }, status });
    await clock.advance(alarmStatusPeriodMs);
    expect(statusOf(alertRules, 'expires')).toMatchObject({
      observedGeneration: 2,
      conditions: [{ reason: 'Disabled', observedGeneration: 2 }],
    });
  });
});
