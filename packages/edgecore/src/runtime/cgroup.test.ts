import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryGroup, readUsage, type ContainerUsage } from './cgroup.ts';

describe('memoryGroup', () => {
  it.each([
    [
      '0::/system.slice/docker-4c01.scope\n',
      { version: 2, path: '/system.slice/docker-4c01.scope' },
    ],
    ['0::/docker/4c01\n', { version: 2, path: '/docker/4c01' }],
    ['11:pids:/docker/4c01\n5:memory:/docker/4c01\n0::/\n', { version: 1, path: '/docker/4c01' }],
    ['4:cpu,memory:/a:b\n', { version: 1, path: '/a:b' }],
    ['', undefined],
  ])('of %j is %j', (lines, group) => {
    expect(memoryGroup(lines)).toEqual(group);
  });
});

describe('readUsage', () => {
  let root: string;
  const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
  };
  const read = (): Promise<ContainerUsage> =>
    readUsage(7, { proc: join(root, 'proc'), cgroup: join(root, 'cgroup') });
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'cgroup-'));
    await write({ 'proc/self/cgroup': '3:memory:/agent\n0::/agent\n' });
  });
  afterEach(() => rm(root, { recursive: true }));

  it('reads control groups of version 2', async () => {
    await write({
      'proc/self/cgroup': '0::/agent\n',
      'proc/7/cgroup': '0::/system.slice/docker-1.scope\n',
      'cgroup/system.slice/docker-1.scope/memory.current': '5000\n',
      'cgroup/system.slice/docker-1.scope/memory.stat': 'anon 9\ninactive_file 1000\n',
      'cgroup/system.slice/docker-1.scope/cgroup.procs': '7\n8\n',
      'cgroup/system.slice/docker-1.scope/cpu.stat': 'usage_usec 1500000\nuser_usec 1\n',
    });
    expect(await read()).toEqual({ memoryBytes: 4000, processes: 2, cpuSeconds: 1.5 });
  });

  it('reads control groups of version 1', async () => {
    await write({
      'proc/7/cgroup': '3:memory:/docker/1\n0::/\n',
      'cgroup/memory/docker/1/memory.usage_in_bytes': '5000\n',
      'cgroup/memory/docker/1/memory.stat': 'inactive_file 1\ntotal_inactive_file 2000\n',
      'cgroup/memory/docker/1/cgroup.procs': '7\n',
      'cgroup/cpuacct/docker/1/cpuacct.usage': '2500000000\n',
    });
    expect(await read()).toEqual({ memoryBytes: 3000, processes: 1, cpuSeconds: 2.5 });
  });

  it('adds up the family of a process that has no group of its own', async () => {
    await write({
      'proc/7/cgroup': '3:memory:/agent\n',
      'proc/7/statm': '10 2 1 0 0 0 0\n',
      'proc/7/task/7/children': '8 ',
      'proc/7/stat': '7 (a b) S 1 7 7 0 -1 0 0 0 0 0 30 20 0 0 20 0',
      'proc/8/statm': '10 3 1 0 0 0 0\n',
      'proc/8/stat': '8 (c) S 7 7 7 0 -1 0 0 0 0 0 40 10 0 0 20 0',
      'proc/8/task/8/children': '',
    });
    expect(await read()).toEqual({ memoryBytes: 5 * 4096, processes: 2, cpuSeconds: 1 });
  });

  it('finds nothing of a process that is gone', async () => {
    expect(await read()).toEqual({ memoryBytes: 0, processes: 0 });
  });
});
