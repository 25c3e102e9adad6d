import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noDiskUsage, sumOfUsage, usageBelow } from './disk-usage.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'disk-usage-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('usageBelow', () => {
  it('counts files and directories, and what they hold', async () => {
    await mkdir(join(directory, 'many'));
    for (const name of ['a', 'b', 'c']) await writeFile(join(directory, 'many', name), '');
    await writeFile(join(directory, 'one'), Buffer.alloc(20_000, 'x'));
    const { bytes, inodes } = await usageBelow(directory);
    expect(inodes).toBe(6);
    expect(bytes).toBeGreaterThanOrEqual(20_000);
  });

  it('does not follow links', async () => {
    await mkdir(join(directory, 'in'));
    await writeFile(join(directory, 'out'), Buffer.alloc(20_000, 'x'));
    await symlink(join(directory, 'out'), join(directory, 'in', 'link'));
    const { bytes, inodes } = await usageBelow(join(directory, 'in'));
    expect(inodes).toBe(2);
    expect(bytes).toBeLessThan(20_000);
  });

  it('finds nothing where there is nothing', async () => {
    expect(await usageBelow(join(directory, 'none'))).toEqual(noDiskUsage);
  });
});

describe('sumOfUsage', () => {
  it('adds up both', () => {
    expect(sumOfUsage([])).toEqual(noDiskUsage);
    expect(sumOfUsage([{ bytes: 1, inodes: 2 }, noDiskUsage, { bytes: 3, inodes: 4 }])).toEqual({
      bytes: 4,
      inodes: 6,
    });
  });
});
