import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { containerDiskUsage } from './container-disk.ts';

const kib = 1024;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'container-disk-'));
  for (const name of ['layer', 'log']) await mkdir(join(directory, name));
  await writeFile(join(directory, 'layer', 'file'), Buffer.alloc(64 * kib, 'x'));
  await writeFile(join(directory, 'log', 'json.log'), Buffer.alloc(32 * kib, 'x'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('containerDiskUsage', () => {
  const unasked = (): Promise<number> => Promise.reject(new Error('the engine was asked'));

  it('adds up layer and log where they are on this machine', async () => {
    const report = {
      LogPath: join(directory, 'log', 'json.log'),
      GraphDriver: { Data: { UpperDir: join(directory, 'layer') } },
    };
    const { bytes, inodes } = await containerDiskUsage(report, unasked);
    expect(bytes).toBeGreaterThanOrEqual(96 * kib);
    expect(bytes).toBeLessThan(128 * kib);
    expect(inodes).toBe(4);
  });

  it.each([
    ['tells nothing of its layers', {}],
    ['has none', { GraphDriver: { Data: null } }],
    ['keeps them elsewhere', { GraphDriver: { Data: { UpperDir: '/nowhere/layer' } } }],
  ])('asks an engine that %s', async (_, report) => {
    const asked = containerDiskUsage({ LogPath: '', ...report }, () => Promise.resolve(7));
    expect(await asked).toEqual({ bytes: 7, inodes: 0 });
  });
});
