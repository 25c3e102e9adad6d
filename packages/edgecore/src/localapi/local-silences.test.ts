import type { JsonObject } from '@skerry/apiserver/json';
import type { Report } from '@skerry/shared/delivery/report';
import { silentLog } from '@skerry/shared/log';
import { nodeName, objectKey, uid, version, type ObjectKey } from '@skerry/shared/names';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { MemoryDisk, MemoryStore } from '@skerry/shared/testing/memory-store';
import { beforeEach, describe, expect, it } from 'vitest';
import type { HeldObject, ObjectReader } from '../meta/object-reader.ts';
import { LocalSilences, silenceReturnMs, silencesResource } from './local-silences.ts';

const key = objectKey(silencesResource, '', 'quiet');
const dayMs = 24 * 3_600_000;

let spec: JsonObject;
let store: MemoryStore;
let clock: ManualClock;
let reports: Report[];
let cluster: Map<ObjectKey, HeldObject>;
let silences: LocalSilences;

const objects: ObjectReader = {
  get: (one) => Promise.resolve(cluster.get(one)),
  list: () => Promise.resolve([...cluster.values()]),
};

function open(): Promise<LocalSilences> {
  return LocalSilences.open({
    ...{ node: nodeName('edge-1'), store, objects, clock, log: silentLog, random: () => 0.5 },
    reporter: { report: (report) => Promise.resolve(void reports.push(report)) },
    wake: () => undefined,
  });
}

/** As the cluster sends it. */
function sent(madeAt: string | undefined, id = 'from-cluster'): void {
  const annotations = madeAt === undefined ? {} : { 'edge.skerry.io/made-at': madeAt };
  const object = Buffer.from(JSON.stringify({ metadata: { name: 'quiet', annotations }, spec }));
  cluster.set(key, { key, uid: uid(id), version: version('7'), object });
}

async function shown(): Promise<string | undefined> {
  const reader = silences.beside(objects);
  const [listed, ...others] = await reader.list(silencesResource);
  expect(others).toEqual([]);
  expect((await reader.get(key))?.uid).toBe(listed?.uid);
  return listed?.uid;
}

const said = (): unknown[] =>
  reports
    .filter((report) => report.key === key)
    .map(({ payload }) => JSON.parse(Buffer.from(payload).toString('utf8')) as unknown);

beforeEach(async () => {
  store = new MemoryStore(new MemoryDisk());
  clock = new ManualClock();
  const endsAt = new Date(clock.now() + dayMs).toISOString();
  spec = { matchLabels: { device: 'pump' }, endsAt };
  reports = [];
  cluster = new Map();
  silences = await open();
});

describe('a silence that is made at a node', () => {
  it('holds at once and over a crash, until the cluster has it', async () => {
    await silences.make('quiet', spec);
    silences = await open();
    expect(await shown()).toBeDefined();
    expect(silences.isPending(key)).toBe(true);
    await silences.repeat();
    expect(said()).toEqual([{ spec }, { spec }]);
    await silences.answered(key, undefined);
    expect(silences.isPending(key)).toBe(false);
    expect(await shown()).not.toBe('from-cluster'); // it has not come back yet
    sent('edge-1');
    await silences.tidy(key);
    expect(await shown()).toBe('from-cluster');
    cluster.clear(); // somebody ended it in the cluster
    expect(await shown()).toBeUndefined();
    await silences.repeat();
    expect(said()).toHaveLength(2);
  });

  it('ends where the cluster has taken it and never shows it', async () => {
    await silences.make('quiet', spec);
    await silences.answered(key, undefined);
    await clock.advance(silenceReturnMs);
    expect(await shown()).toBeUndefined();
  });

  it('ends with its time, and is not told of any more', async () => {
    await silences.make('quiet', spec);
    await clock.advance(dayMs);
    expect(await shown()).toBeUndefined();
    await silences.repeat();
    expect(said()).toHaveLength(1);
  });

  it('ends where the cluster refuses it, which becomes an Event', async () => {
    await silences.make('quiet', spec);
    await silences.answered(key, 'there is another');
    expect(await shown()).toBeUndefined();
    const event = reports.find((report) => report.key.startsWith('events/'));
    expect(JSON.parse(Buffer.from(event?.payload ?? []).toString('utf8'))).toMatchObject({
      reason: 'WriteRefused',
      message: 'Silence quiet was not taken by the cluster: there is another',
    });
  });

  it('is ended here before and after the cluster has it, and no other', async () => {
    expect(await silences.end('quiet')).toBe('absent');
    await silences.make('quiet', spec);
    expect(await silences.end('quiet')).toBe('ended');
    expect(await shown()).toBeUndefined();
    await silences.answered(key, undefined);
    sent('edge-1');
    expect(await shown()).toBe('from-cluster');
    expect(await silences.end('quiet')).toBe('ended');
    expect(await silences.end('quiet')).toBe('absent');
    expect(await shown()).toBeUndefined();
    expect(said().at(-1)).toEqual({ gone: true });
    await silences.answered(key, undefined);
    cluster.clear();
    await silences.tidy(key);
    sent(undefined);
    expect(await silences.end('quiet')).toBe('of-the-cluster');
    sent('edge-2');
    expect(await silences.end('quiet')).toBe('of-the-cluster');
  });
});
