import type { NodeName, ObjectKey } from '@skerry/shared/names';
import { beforeEach, describe, expect, it } from 'vitest';
import { cronJobs } from '../kube/resource.ts';
import { FakeKube } from '../kube/testing/fake-kube.ts';
import { Placement } from '../route/placement.ts';
import { CurrentObjects } from './current-objects.ts';
import { cronJobStatusWriter, jobWriter } from './job-writer.ts';
import type { ReportWriter } from './report-writer.ts';
import { StatusWriter } from './status-writer.ts';

const edge1 = 'edge-1' as NodeName;
const job = 'jobs.batch/default/tidy-29453770' as ObjectKey;
const cronKey = 'cronjobs.batch/default/tidy' as ObjectKey;
const { signal } = new AbortController();

let kube: FakeKube;
let write: ReportWriter;
let writeCronJob: ReportWriter;
let uid: string;

beforeEach(() => {
  kube = new FakeKube();
  const current = new CurrentObjects(kube, new Placement([cronJobs.name]));
  const statuses = new StatusWriter(kube, current);
  write = jobWriter({ api: kube, current, statuses });
  writeCronJob = cronJobStatusWriter(statuses);
  kube.put(cronJobs, {
    metadata: {
      name: 'tidy',
      namespace: 'default',
      annotations: { 'edge.skerry.io/run-at': 'edge' },
    },
    spec: {
      jobTemplate: {
        metadata: { labels: { app: 'tidy' } },
        spec: { backoffLimit: 2, template: { spec: { nodeName: 'edge-1' } } },
      },
    },
  });
  uid = kube.read(cronKey)?.metadata.uid ?? '';
});

const said = (status: object, more: object = {}): object => ({
  cronJob: { name: 'tidy', uid },
  scheduledTime: '2026-01-01T00:10:00Z',
  status,
  gone: false,
  ...more,
});
const report = (payload: object, key = job, node = edge1): ReturnType<ReportWriter> =>
  write({ node, key, payload }, signal);

describe('jobWriter', () => {
  it('makes the Job that the CronJob describes, looked after by the edge', async () => {
    expect(await report(said({ active: 1 }))).toEqual({ do: 'accepted' });
    expect(kube.read(job)).toMatchObject({
      metadata: {
        labels: { app: 'tidy' },
        annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T00:10:00Z' },
        ownerReferences: [{ kind: 'CronJob', name: 'tidy', uid, controller: true }],
      },
      spec: { backoffLimit: 2, managedBy: 'edge.skerry.io/edgecore' },
      status: { active: 1 },
    });
  });

  it('tells what becomes of it, as often as it is told', async () => {
    await report(said({ active: 1 }));
    for (let times = 0; times < 2; times++)
      expect(await report(said({ active: 0, succeeded: 1 }))).toEqual({ do: 'accepted' });
    expect(kube.read(job)?.status).toEqual({ active: 0, succeeded: 1 });
  });

  it('deletes what is beyond history, once', async () => {
    await report(said({ active: 1 }));
    await report(said({}, { gone: true }));
    expect(kube.read(job)).toBeUndefined();
    expect(await report(said({}, { gone: true }))).toEqual({ do: 'accepted' });
  });

  it.each([
    ['another node', said, job, 'edge-2', 'upstream.forbidden'],
    ['a name of no run', said, 'jobs.batch/default/tidy-up', 'edge-1', 'upstream.malformed'],
    ['a CronJob that is none', () => ({ status: {} }), job, 'edge-1', 'upstream.malformed'],
  ] as const)('refuses %s', async (_, payload, key, node, code) => {
    const outcome = await report(payload({}), key as ObjectKey, node as NodeName);
    expect(outcome).toMatchObject({ do: 'refused', code });
  });

  it('knows a CronJob from its successor of the same name', async () => {
    const outcome = await report(said({}, { cronJob: { name: 'tidy', uid: 'other' } }));
    expect(outcome).toMatchObject({ do: 'refused', code: 'upstream.not-found' });
  });
});

describe('cronJobStatusWriter', () => {
  it('writes when it ran last, for the node that runs it alone', async () => {
    const payload = { uid, status: { lastScheduleTime: '2026-01-01T00:10:00Z', active: [] } };
    expect(await writeCronJob({ node: edge1, key: cronKey, payload }, signal)).toEqual({
      do: 'accepted',
    });
    expect(kube.read(cronKey)?.status).toEqual(payload.status);
    const node = 'edge-2' as NodeName;
    expect(await writeCronJob({ node, key: cronKey, payload }, signal)).toMatchObject({
      code: 'upstream.forbidden',
    });
  });
});
