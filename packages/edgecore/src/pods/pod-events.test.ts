import type { Report } from '@skerry/shared/delivery/report';
import { silentLog } from '@skerry/shared/log';
import { nodeName, uid } from '@skerry/shared/names';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { describe, expect, it } from 'vitest';
import { PodEvents } from './pod-events.ts';

const pod = { uid: uid('u1'), namespace: 'default', name: 'web' };
const event = { type: 'Normal', reason: 'Started', message: 'Started container main' } as const;

function teller(report: (one: Report) => Promise<void>): PodEvents {
  const clock = new ManualClock();
  return new PodEvents({ node: nodeName('edge-1'), clock, log: silentLog, reporter: { report } });
}

describe('PodEvents', () => {
  it('tells an Event as kubectl describe shows it', async () => {
    const reports: Report[] = [];
    const events = teller((report) => Promise.resolve(void reports.push(report)));
    await events.tell(pod, { ...event, container: 'main' });
    await events.tell(pod, event);
    const [first, second] = reports.map(({ payload }) => JSON.parse(String(payload)) as unknown);
    expect(first).toMatchObject({
      apiVersion: 'v1',
      kind: 'Event',
      involvedObject: {
        apiVersion: 'v1',
        kind: 'Pod',
        namespace: 'default',
        name: 'web',
        uid: 'u1',
        fieldPath: 'spec.containers{main}',
      },
      type: 'Normal',
      reason: 'Started',
      message: 'Started container main',
      source: { component: 'edgecore', host: 'edge-1' },
      firstTimestamp: '2026-01-01T00:00:00Z',
      count: 1,
    });
    expect(second).not.toHaveProperty('involvedObject.fieldPath');
    expect(reports.map((report) => report.class)).toEqual(['event', 'event']);
    expect(new Set(reports.map(({ key }) => key)).size).toBe(2);
    expect(reports[0]?.key).toMatch(/^events\/default\/web\.[0-9a-f]+$/);
  });

  it('tells what is said again as the same Event, with a count', async () => {
    const reports: Report[] = [];
    const events = teller((report) => Promise.resolve(void reports.push(report)));
    for (let n = 0; n < 3; n++) await events.tell(pod, event);
    expect(new Set(reports.map(({ key }) => key)).size).toBe(1);
    const counts = reports.map(({ payload }) => JSON.parse(String(payload)) as { count: number });
    expect(counts.map(({ count }) => count)).toEqual([1, 2, 3]);
  });

  it('holds nothing up when it cannot be kept', async () => {
    await teller(() => Promise.reject(new Error('disk full'))).tell(pod, event);
  });
});
