import { MemoryDisk, MemoryStore } from '@skerry/shared/testing/memory-store';
import { uid } from '@skerry/shared/names';
import { describe, expect, it } from 'vitest';
import { newRecord, remember } from './pod-record.ts';
import { PodRecords } from './pod-records.ts';
import { SceneBuilder } from './testing/scenes.ts';

const web = uid('uid-of-web');
const { observed } = new SceneBuilder().running().build();
const record = { ...remember(newRecord(7), observed), reported: { phase: 'Running' as const } };

describe('the records of pods', () => {
  it('are read back as they were kept, by the next agent, too', async () => {
    const disk = new MemoryDisk();
    await new PodRecords(new MemoryStore(disk)).keep(web, record);
    const next = new PodRecords(new MemoryStore(disk));
    expect(await next.of(web)).toEqual(record);
    expect(await next.holders()).toEqual(new Set([web]));
    expect(await next.of(uid('uid-of-other'))).toBeUndefined();
  });

  it('are forgotten with their pods', async () => {
    const records = new PodRecords(new MemoryStore());
    await records.keep(web, record);
    await records.forget(web);
    expect(await records.of(web)).toBeUndefined();
    expect(await records.holders()).toEqual(new Set());
  });
});
