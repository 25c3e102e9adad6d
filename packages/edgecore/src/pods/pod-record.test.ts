import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newRecord, readRecord, recall, remember, writeRecord } from './pod-record.ts';
import { NOW, SceneBuilder } from './testing/scenes.ts';

describe('a pod’s record', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'pod-record-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('is read back as it was written', async () => {
    const { observed } = new SceneBuilder().running().build();
    const record = { ...remember(newRecord(7), observed), reported: { phase: 'Running' as const } };
    await writeRecord(join(directory, 'new'), record);
    expect(await readRecord(join(directory, 'new'))).toEqual(record);
  });

  it('is none when there is none, or none that can be read', async () => {
    expect(await readRecord(directory)).toBeUndefined();
    await writeFile(join(directory, 'record'), '{"startTi');
    expect(await readRecord(directory)).toBeUndefined();
  });

  it('remembers of each container the newest run and the newest end before it', () => {
    const scene = new SceneBuilder().exited('main', 1, { attempt: 0 });
    scene.exited('main', 2, { attempt: 1 }).running('main', { attempt: 2 });
    const { runs } = remember(newRecord(0), scene.build().observed);
    expect(runs['main']?.map(({ id }) => id)).toEqual(['main.1', 'main.2']);
  });

  it('recalls what is gone as having ended in a way nobody knows, once and for all', () => {
    const running = new SceneBuilder().running('main', { attempt: 3 }).build().observed;
    const nothing = new SceneBuilder().build().observed;
    const recalled = recall(remember(newRecord(0), running), nothing, NOW);
    expect(recalled.containers[0]).toMatchObject({
      id: 'main.3',
      mark: { attempt: 3 },
      state: { phase: 'exited', exitCode: 137, reason: 'ContainerStatusUnknown', finishedAt: NOW },
    });
    expect(recalled.gone).toEqual(new Set(['main.3']));
    const later = recall(remember(newRecord(0), recalled), nothing, NOW + 60_000);
    expect(later.containers).toEqual(recalled.containers);
  });

  it('recalls nothing that is still there', () => {
    const { observed } = new SceneBuilder().running().build();
    expect(recall(remember(newRecord(0), observed), observed, NOW)).toEqual(observed);
  });
});
