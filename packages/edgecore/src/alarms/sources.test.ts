import { describe, expect, it } from 'vitest';
import type { AlertSource } from '@skerry/shared/alarms/alert-rule';
import { openMetrics } from '@skerry/shared/metrics';
import { nodeName, objectKey, resourceName, type ObjectKey } from '@skerry/shared/names';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { Increases } from './increases.ts';
import { sightingsOf, type SourceParts } from './sources.ts';
import { ToldStatuses } from './told-statuses.ts';

const node = nodeName('edge-1');
const nowhere = { get: () => Promise.resolve(undefined), list: () => Promise.resolve([]) };

function room(): { parts: SourceParts; tell: (key: ObjectKey, payload: object) => void } {
  const clock = new ManualClock();
  const statuses = new Map<ObjectKey, Uint8Array>();
  const unit = { unit: 'memory', mean: 42, result: '087', passes: true };
  const judgements = { list: () => [{ name: 'health', verdict: 'Blocked', units: [unit] }] };
  const increases = new Increases(clock.monotonic());
  const metrics = openMetrics('skerry_edge');
  return {
    parts: {
      ...{ node, metrics, judgements, increases, certificate: '/nowhere', clock },
      statuses: new ToldStatuses(nowhere, { statuses }),
    },
    tell: (key, payload) => statuses.set(key, Buffer.from(JSON.stringify(payload))),
  };
}

const values = async (source: AlertSource, parts: SourceParts): Promise<unknown[]> =>
  (await sightingsOf(source, parts)).map(({ instance, value }) => [instance, value]);

describe('what rules look at', () => {
  it('is why containers wait, by the newest that was said of them', async () => {
    const { parts, tell } = room();
    const key = objectKey(resourceName('pods'), 'default', 'web');
    const waits = (reason?: string): object => ({
      uid: 'u',
      status: {
        containerStatuses: [{ name: 'app', state: reason ? { waiting: { reason } } : {} }],
      },
    });
    tell(key, waits('CrashLoopBackOff'));
    const source = { type: 'container' } as const;
    expect(await values(source, parts)).toEqual([['default/web/app', 'CrashLoopBackOff']]);
    tell(key, waits());
    expect(await values(source, parts)).toEqual([['default/web/app', '']]);
    expect(await values({ ...source, pod: 'other' }, parts)).toEqual([]);
    tell(key, { uid: 'u', status: {}, gone: true });
    expect(await values(source, parts)).toEqual([]);
  });

  it('is the state of devices, or a condition of them', async () => {
    const { parts, tell } = room();
    const key = objectKey(resourceName('devices', 'devices.kubeedge.io'), 'default', 'pump');
    const conditions = [{ type: 'Online', status: 'False' }];
    tell(key, { uid: 'u', status: { state: 'stale', conditions } });
    expect(await values({ type: 'device' }, parts)).toEqual([['default/pump', 'stale']]);
    const online = { type: 'device', condition: 'Online' } as const;
    expect(await values(online, parts)).toEqual([['default/pump', 'False']]);
  });

  it('is a condition of the node, not known before it is said', async () => {
    const { parts, tell } = room();
    const source = { type: 'nodeCondition', condition: 'DiskPressure' } as const;
    expect(await values(source, parts)).toEqual([['DiskPressure', undefined]]);
    const conditions = [{ type: 'DiskPressure', status: 'True' }];
    tell(objectKey(resourceName('nodes'), '', node), { status: { conditions } });
    expect(await values(source, parts)).toEqual([['DiskPressure', 'True']]);
  });

  it('is a verdict, and a unit of it', async () => {
    const { parts } = room();
    expect(await values({ type: 'verdict' }, parts)).toEqual([['health', 'Blocked']]);
    expect(await values({ type: 'verdict', judgement: 'other' }, parts)).toEqual([]);
    const unit = { type: 'unit', judgement: 'health', unit: 'memory' } as const;
    const measures = ['mean', 'score', 'passes'] as const;
    const all = measures.map((measure) => values({ ...unit, measure }, parts));
    const expected = [42, 87, 1].map((value) => [['health/memory', value]]);
    expect(await Promise.all(all)).toEqual(expected);
  });

  it('is each series of a metric that bears the labels', async () => {
    const { parts } = room();
    const gauge = parts.metrics.gauge('heat', 'How hot.', ['hall']);
    gauge.set(1, { hall: 'a' });
    gauge.set(2, { hall: 'b' });
    const source = { type: 'metric', name: 'skerry_edge_heat', labels: { hall: 'b' } } as const;
    expect(await values(source, parts)).toEqual([['hall=b', 2]]);
  });

  it('is how many reports were lost lately', async () => {
    const { parts } = room();
    const lost = parts.metrics.counter('reports_dropped_total', 'Lost.', ['class', 'reason']);
    const source = { type: 'outboxLoss', increaseSeconds: 60 } as const;
    expect(await values(source, parts)).toEqual([]);
    lost.inc({ class: 'event', reason: 'overflow' }, 3);
    expect(await values(source, parts)).toEqual([['class=event,reason=overflow', 3]]);
  });
});
