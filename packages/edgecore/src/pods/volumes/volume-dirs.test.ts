import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { podObject } from '../testing/pod-node.ts';
import { prepareHostPath } from './host-path.ts';
import { mountsOf, prepareVolumes, volumePlaces } from './volume-dirs.ts';

describe('a pod’s volumes', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'volumes-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  it('are made under the pod’s own directory, and kept when they are there', async () => {
    const contents = [
      { type: 'directory', name: 'scratch' },
      { type: 'files', name: 'site', files: [{ path: 'a', mode: 0o644, bytes: Buffer.from('1') }] },
    ] as const;
    expect(await prepareVolumes(root, contents)).toBeUndefined();
    await writeFile(join(root, 'volumes/scratch/kept'), 'kept');
    expect(await prepareVolumes(root, contents)).toBeUndefined();
    expect(await readFile(join(root, 'volumes/scratch/kept'), 'utf8')).toBe('kept');
    expect((await stat(join(root, 'volumes/scratch'))).mode & 0o777).toBe(0o777);
    expect(await readFile(join(root, 'volumes/site/a'), 'utf8')).toBe('1');
  });

  it('say which of them could not be made', async () => {
    const path = join(root, 'none');
    const contents = [{ type: 'host', name: 'disk', path, expected: 'Directory' }] as const;
    expect(await prepareVolumes(root, contents)).toMatchObject({
      volume: 'disk',
      error: { message: `hostPath type check failed: ${path} is not a directory` },
    });
  });

  it('are mounted as the container says, projected files read-only', async () => {
    const volumes = [
      { name: 'scratch', emptyDir: {} },
      { name: 'site', configMap: { name: 'site' } },
      { name: 'host', hostPath: { path: '/srv' } },
    ];
    const places = volumePlaces(root, podObject({ volumes }));
    const mount = (name: string): object => ({ name, mountPath: `/${name}` });
    const volumeMounts = ['scratch', 'site', 'host'].map(mount) as never;
    const mounts = await mountsOf({ name: 'main', volumeMounts }, places);
    expect(mounts.map(({ hostPath, readOnly }) => [hostPath, readOnly])).toEqual([
      [join(root, 'volumes/scratch'), false],
      [join(root, 'volumes/site'), true],
      ['/srv', false],
    ]);
  });

  describe('mounted by subPath', () => {
    const sub = async (subPath: string): Promise<string | undefined> => {
      const places = new Map([['v', { path: join(root, 'v'), readOnly: false }]]);
      const volumeMounts = [{ name: 'v', mountPath: '/v', subPath }];
      const [mount] = await mountsOf({ name: 'main', volumeMounts }, places);
      return mount?.hostPath;
    };
    beforeEach(() => mkdir(join(root, 'v')));

    it('show a part, which is made when it is not there', async () => {
      expect(await sub('a/b')).toBe(join(root, 'v/a/b'));
      expect((await stat(join(root, 'v/a/b'))).isDirectory()).toBe(true);
      await writeFile(join(root, 'v/file'), '');
      expect(await sub('file')).toBe(join(root, 'v/file'));
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
