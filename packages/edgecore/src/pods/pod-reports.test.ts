import { objectKey, uid, version } from '@skerry/shared/names';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { MemoryDisk, MemoryStore } from '@skerry/shared/testing/memory-store';
import type { Write } from '@skerry/shared/store';
import { beforeEach, describe, expect, it } from 'vitest';
import { ReportOutbox } from '../link/report-outbox.ts';
import { defaultReportPolicies } from '../link/report-policy.ts';
import { PODS } from './pod-key.ts';
import type { PodMemory } from './pod-memory.ts';
import { newRecord } from './pod-record.ts';
import { PodRecords } from './pod-records.ts';
import { settleStatus } from './pod-reports.ts';
import { PodProgress } from './progress.ts';
import { podObject } from './testing/pod-node.ts';
import { SceneBuilder } from './testing/scenes.ts';

const key = objectKey(PODS, 'default', 'web');
const id = uid('uid-of-web');
const { observed } = new SceneBuilder().running().build();
const running = { phase: 'Running' } as const;

describe('what is said of a pod, and what is kept of it', () => {
  let disk: MemoryDisk;
  /** The tables of each write that reached the disk. */
  let synced: string[][];
  /** While set, the power is gone: nothing reaches the disk. */
  let isCut: boolean;
  let reporter: ReportOutbox;
  let records: PodRecords;
  let memory: PodMemory;

  const write = async (_: MemoryDisk, writes: readonly Write[]): Promise<void> => {
    await Promise.resolve();
    if (isCut) throw new Error('the power is gone');
    disk.write(writes);
    synced.push(writes.map(({ table }) => table));
  };
  const settle = (): Promise<void> => {
    const pod = { key, object: podObject(), version: version('1') };
    return settleStatus({ reporter, records }, memory, { ...pod, status: running, observed });
  };

  beforeEach(async () => {
    disk = new MemoryDisk();
    [synced, isCut] = [[], false];
    const store = new MemoryStore(disk, { read: (what) => Promise.resolve().then(what), write });
    const [policies, clock] = [defaultReportPolicies, new ManualClock()];
    reporter = await ReportOutbox.open({ store, policies, clock, onDropped: () => undefined });
    records = new PodRecords(store);
    const [progress, lastWords, record] = [
      new PodProgress(),
      new Map<string, string>(),
      newRecord(0),
    ];
    memory = { uid: id, directory: '/none', progress, lastWords, record, kept: record };
  });

  it('reaches the disk in one write, the report first', async () => {
    await settle();
    expect(synced).toEqual([['reports', 'pod-records']]);
    expect(await new PodRecords(new MemoryStore(disk)).of(id)).toEqual(memory.record);
    await settle();
    expect(synced).toHaveLength(1);
  });

  it('is said again where the power was cut before', async () => {
    isCut = true;
    await expect(settle()).rejects.toThrow('the power is gone');
    expect(await records.of(id)).toBeUndefined();
    expect(memory.kept.reported).toBeUndefined();
    isCut = false;
    await settle();
    expect(synced).toEqual([['reports', 'pod-records']]);
  });
});
