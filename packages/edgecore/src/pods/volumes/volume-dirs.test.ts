import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeMounter } from '../testing/fake-mounter.ts';
import { prepareHostPath } from './host-path.ts';
import { mountsOf } from './mounts.ts';
import { StillMounted, prepareVolumes, removePodDirectory, volumePlaces } from './volume-dirs.ts';

describe('a pod’s volumes', () => {
  let root: string;
  let mounter: FakeMounter;
  beforeEach(async () => {
    mounter = new FakeMounter();
    root = await mkdtemp(join(tmpdir(), 'volumes-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('are made under the pod’s own directory, and kept when they are there', async () => {
    const contents = [
      { type: 'directory', name: 'scratch' },
      { type: 'files', name: 'site', files: [{ path: 'a', mode: 0o644, bytes: Buffer.from('1') }] },
    ] as const;
    expect(await prepareVolumes(root, contents, mounter)).toBeUndefined();
    await writeFile(join(root, 'volumes/scratch/kept'), 'kept');
    expect(await prepareVolumes(root, contents, mounter)).toBeUndefined();
    expect(await readFile(join(root, 'volumes/scratch/kept'), 'utf8')).toBe('kept');
    expect((await stat(join(root, 'volumes/scratch'))).mode & 0o777).toBe(0o777);
    expect(await readFile(join(root, 'volumes/site/a'), 'utf8')).toBe('1');
  });

  it('say which of them could not be made', async () => {
    const path = join(root, 'none');
    const host = { type: 'host', path, expected: 'Directory', readOnly: false } as const;
    const contents = [{ ...host, name: 'disk' }];
    expect(await prepareVolumes(root, contents, mounter)).toMatchObject({
      volume: 'disk',
      error: { message: `hostPath type check failed: ${path} is not a directory` },
    });
  });

  it('are mounted as the container says, projected files read-only', async () => {
    const places = volumePlaces(root, [
      { type: 'directory', name: 'scratch' },
      { type: 'files', name: 'site', files: [] },
      { type: 'host', name: 'host', path: '/srv', expected: '', readOnly: false },
      { type: 'nfs', name: 'share', source: 'server:/share', options: ['ro'], readOnly: true },
    ]);
    const mount = (name: string): object => ({ name, mountPath: `/${name}` });
    const volumeMounts = ['scratch', 'site', 'host', 'share'].map(mount) as never;
    const mounts = await mountsOf({ name: 'main', volumeMounts }, places, []);
    expect(mounts.map(({ hostPath, readOnly }) => [hostPath, readOnly])).toEqual([
      [join(root, 'volumes/scratch'), false],
      [join(root, 'volumes/site'), true],
      ['/srv', false],
      [join(root, 'volumes/share'), true],
    ]);
  });

  it('are mounted once, where they are in memory or on a server, and say when they cannot be', async () => {
    const contents = [
      { type: 'memory', name: 'fast', sizeBytes: 4096 },
      { type: 'nfs', name: 'share', source: 's:/x', options: ['vers=4'], readOnly: false },
    ] as const;
    expect(await prepareVolumes(root, contents, mounter)).toBeUndefined();
    const target = join(root, 'volumes/fast');
    expect([...mounter.mounts.values()]).toMatchObject([
      { type: 'tmpfs', target, options: ['size=4096'] },
      { type: 'nfs', source: 's:/x', target: join(root, 'volumes/share'), options: ['vers=4'] },
    ]);
    mounter.flaw = 'mount failed: no such helper';
    expect(await prepareVolumes(root, contents, mounter)).toBeUndefined();
    const more = [{ ...contents[1], name: 'other' }];
    expect(await prepareVolumes(root, more, mounter)).toMatchObject({
      volume: 'other',
      error: { message: 'mount failed: no such helper' },
    });
  });

  it('are unmounted before their directory goes, which stays where they cannot be', async () => {
    const contents = [{ type: 'memory', name: 'fast' }] as const;
    await prepareVolumes(root, contents, mounter);
    await writeFile(join(root, 'volumes/fast/mine'), '');
    mounter.isBusy = true;
    await expect(removePodDirectory(root, mounter)).rejects.toThrow('busy');
    const stuck = { mountsAt: () => Promise.resolve(['/x']), unmount: () => Promise.resolve() };
    const removed = removePodDirectory(root, { ...stuck, mount: () => Promise.resolve() });
    await expect(removed).rejects.toThrow(StillMounted);
    expect((await stat(join(root, 'volumes/fast/mine'))).isFile()).toBe(true);
    mounter.isBusy = false;
    await removePodDirectory(root, mounter);
    await expect(stat(root)).rejects.toThrow('ENOENT');
    await mkdir(root);
  });

  it('belong to the pod’s group, with what is in them', async () => {
    const gid = process.getuid?.() === 0 ? 2000 : (process.getgid?.() ?? 0);
    const path = join(root, 'disk');
    await mkdir(join(path, 'deep'), { recursive: true });
    await writeFile(join(path, 'deep/file'), '', { mode: 0o600 });
    const ownership = { gid, onlyOnMismatch: false };
    const contents = [
      { type: 'directory', name: 'scratch', ownership },
      { type: 'host', name: 'disk', path, expected: 'Directory', readOnly: false, ownership },
    ] as const;
    expect(await prepareVolumes(root, contents, mounter)).toBeUndefined();
    const look = async (at: string): Promise<string> => {
      const found = await stat(join(root, at));
      return `${found.gid === gid ? 'ours' : 'others'} ${(found.mode & 0o7777).toString(8)}`;
    };
    expect(await look('volumes/scratch')).toBe('ours 2777');
    expect(await look('disk')).toBe('ours 2775');
    expect(await look('disk/deep')).toBe('ours 2775');
    expect(await look('disk/deep/file')).toBe('ours 660');
  });

  it('show later mounts where the container asks for that', async () => {
    const places = new Map([['v', { path: '/v', readOnly: false }]]);
    const asked = ['None', 'HostToContainer', 'Bidirectional'] as const;
    const volumeMounts = asked.map((mountPropagation) => ({
      name: 'v',
      mountPath: '/v',
      mountPropagation,
    }));
    const mounts = await mountsOf({ name: 'main', volumeMounts }, places, []);
    expect(mounts.map(({ propagation }) => propagation)).toEqual([undefined, 'rslave', 'rshared']);
  });

  describe('mounted by subPath', () => {
    const mounted = async (part: object): Promise<string | undefined> => {
      const places = new Map([['v', { path: join(root, 'v'), readOnly: false }]]);
      const volumeMounts = [{ name: 'v', mountPath: '/v', ...part }];
      const env = [{ name: 'POD', value: 'web-0' }];
      const [mount] = await mountsOf({ name: 'main', volumeMounts }, places, env);
      return mount?.hostPath;
    };
    const sub = (subPath: string): Promise<string | undefined> => mounted({ subPath });
    beforeEach(() => mkdir(join(root, 'v')));

    it('show a part, which is made when it is not there', async () => {
      expect(await sub('a/b')).toBe(join(root, 'v/a/b'));
      expect((await stat(join(root, 'v/a/b'))).isDirectory()).toBe(true);
      await writeFile(join(root, 'v/file'), '');
      expect(await sub('file')).toBe(join(root, 'v/file'));
    });

    it('are named by the environment, as far as it is known', async () => {
      expect(await mounted({ subPathExpr: 'of/$(POD)' })).toBe(join(root, 'v/of/web-0'));
      await expect(mounted({ subPathExpr: '$(NONE)' })).rejects.toThrow('missing value for "NONE"');
    });

    it('never lead out of the volume, not even through a link', async () => {
      await expect(sub('../x')).rejects.toThrow('leads out of its volume');
      await symlink(root, join(root, 'v/out'));
      await expect(sub('out/made')).rejects.toThrow('leads out of its volume');
      await expect(stat(join(root, 'made'))).rejects.toThrow();
    });
  });
});

describe('prepareHostPath', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'host-path-'));
    await writeFile(join(root, 'file'), '');
  });
  afterEach(() => rm(root, { recursive: true }));

  it.each(['', 'DirectoryOrCreate'])('makes a directory for type %j', async (type) => {
    await prepareHostPath(join(root, 'a/b'), type);
    expect((await stat(join(root, 'a/b'))).isDirectory()).toBe(true);
  });

  it('makes a file for FileOrCreate, and keeps one that is there', async () => {
    await prepareHostPath(join(root, 'new'), 'FileOrCreate');
    expect((await stat(join(root, 'new'))).isFile()).toBe(true);
    await writeFile(join(root, 'file'), 'text');
    await prepareHostPath(join(root, 'file'), 'FileOrCreate');
    expect(await readFile(join(root, 'file'), 'utf8')).toBe('text');
  });

  it.each(['Directory', 'Socket', 'CharDevice', 'BlockDevice'])(
    'refuses a file for type %s',
    async (type) => {
      await expect(prepareHostPath(join(root, 'file'), type)).rejects.toThrow('type check failed');
    },
  );

  it.each(['Directory', 'File', 'Socket'])(
    'refuses what is not there for type %s',
    async (type) => {
      await expect(prepareHostPath(join(root, 'none'), type)).rejects.toThrow('type check failed');
    },
  );

  it('takes a device for one', () => prepareHostPath('/dev/null', 'CharDevice'));
});
