import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uid, type ObjectKey } from '@skerry/shared/names';
import { MemoryStore } from '@skerry/shared/testing/memory-store';
import { WorkQueue } from '@skerry/shared/workqueue';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adopt, type AdoptionParts } from './adoption.ts';
import { newRecord } from './pod-record.ts';
import { PodRecords } from './pod-records.ts';
import { FakeMounter } from './testing/fake-mounter.ts';
import { podObject } from './testing/pod-node.ts';

const { signal } = new AbortController();
let podsDir: string;
let forgotten: string[];
let records: PodRecords;
let dirty: WorkQueue<ObjectKey>;

beforeEach(async () => {
  podsDir = await mkdtemp(join(tmpdir(), 'adoption-'));
  forgotten = [];
  records = new PodRecords(new MemoryStore());
  dirty = new WorkQueue<ObjectKey>();
});
afterEach(() => rm(podsDir, { recursive: true }));

/** A node that holds these pods; `meanwhile` happens after they were listed. */
function partsOf(
  held: readonly string[],
  meanwhile: () => Promise<unknown>,
  isComplete = true,
): AdoptionParts {
  const objects = held.map((name) => ({
    object: Buffer.from(JSON.stringify(podObject({ name }))),
  }));
  return {
    objects: { list: () => Promise.resolve(objects) },
    runtimes: {
      ready: () => [{ list: () => meanwhile().then(() => []) }],
      health: () => new Map([['fake', { phase: 'ready' }]]),
    },
    dirty,
    podsDir,
    mounter: new FakeMounter(),
    tokens: {
      holders: () => new Set(['uid-of-gone']),
      forget: (one: string) => Promise.resolve(void forgotten.push(one)),
    },
    records,
    isComplete: () => isComplete,
  } as unknown as AdoptionParts;
}

const come = async (name: string): Promise<void> => {
  await mkdir(join(podsDir, uid(`uid-of-${name}`)));
  await records.keep(uid(`uid-of-${name}`), newRecord(0));
};
const recorded = async (): Promise<string[]> => [...(await records.holders())];

describe('adopt', () => {
  it('removes what is left of pods that are no more, and wakes those that are', async () => {
    await come('held');
    await come('gone');
    await adopt(
      partsOf(['held'], () => Promise.resolve()),
      signal,
    );
    expect(await readdir(podsDir)).toEqual(['uid-of-held']);
    expect(await recorded()).toEqual(['uid-of-held']);
    expect(forgotten).toEqual(['uid-of-gone']);
    expect(dirty.size).toBe(1);
  });

  it('leaves alone what a pod has made that came while it looked', async () => {
    await adopt(
      partsOf([], () => come('new')),
      signal,
    );
    expect(await readdir(podsDir)).toEqual(['uid-of-new']);
    expect(await recorded()).toEqual(['uid-of-new']);
    expect(forgotten).toEqual(['uid-of-gone']);
  });

  it('removes nothing before it is known what is held', async () => {
    await come('unknown');
    await adopt(
      partsOf([], () => Promise.resolve(), false),
      signal,
    );
    expect(await readdir(podsDir)).toEqual(['uid-of-unknown']);
    expect(await recorded()).toEqual(['uid-of-unknown']);
    expect(forgotten).toEqual([]);
  });
});
