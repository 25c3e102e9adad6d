import { lstat, mkdtemp, readFile, readdir, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { projectFiles } from './file-projection.ts';
import type { VolumeFile } from './file-sources.ts';

const show = (directory: string, files: readonly VolumeFile[]): ReturnType<typeof projectFiles> =>
  projectFiles(directory, { files });

const file = (path: string, text: string, mode = 0o644): VolumeFile => ({
  path,
  mode,
  bytes: Buffer.from(text),
});

describe('projectFiles', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'projection-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  /** What a reader sees, hidden names apart. */
  const seen = async (): Promise<Record<string, string>> => {
    const found: Record<string, string> = {};
    const walk = async (path: string): Promise<void> => {
      for (const name of await readdir(join(directory, path))) {
        if (name.startsWith('..')) continue;
        const inner = join(path, name);
        const { mode } = await stat(join(directory, inner));
        if ((await stat(join(directory, inner))).isDirectory()) await walk(inner);
        else
          found[inner] =
            `${(mode & 0o7777).toString(8)} ${await readFile(join(directory, inner), 'utf8')}`;
      }
    };
    await walk('.');
    return found;
  };

  it('shows files with their modes, whatever the umask', async () => {
    const files = [file('a', '1', 0o400), file('deep/b', '2', 0o666)];
    expect(await show(directory, files)).toBe('changed');
    expect(await seen()).toEqual({ a: '400 1', 'deep/b': '666 2' });
  });

  it('changes all files with one rename of one link', async () => {
    await show(directory, [file('a', '1'), file('b', '1')]);
    const before = await readlink(join(directory, '..data'));
    const link = (await lstat(join(directory, 'a'))).ino;
    await show(directory, [file('a', '2'), file('b', '2')]);
    expect(await readlink(join(directory, '..data'))).not.toBe(before);
    expect(await readlink(join(directory, 'a'))).toBe('..data/a');
    expect((await lstat(join(directory, 'a'))).ino).toBe(link);
    expect(await seen()).toEqual({ a: '644 2', b: '644 2' });
  });

  it('touches nothing when nothing has changed', async () => {
    const files = [file('a', '1'), file('deep/b', '2')];
    await show(directory, files);
    const before = await readlink(join(directory, '..data'));
    expect(await show(directory, files)).toBe('unchanged');
    expect(await readlink(join(directory, '..data'))).toBe(before);
  });

  it('removes what is no longer there, and keeps one generation', async () => {
    await show(directory, [file('a', '1'), file('b', '1')]);
    await show(directory, [file('b', '1')]);
    await show(directory, []);
    expect(await seen()).toEqual({});
    expect((await readdir(directory)).length).toBe(2);
  });

  it('gives files and directories to whom they are for', async () => {
    const [self, group] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
    const [uid, gid] = self === 0 ? [1000, 2000] : [self, group]; // who else may not give away
    const files = [{ ...file('deep/a', '1', 0o640), uid, gid }, file('b', '2')];
    await projectFiles(directory, { files, gid });
    const owners = async (path: string): Promise<number[]> => {
      const found = await stat(join(directory, path));
      return [found.uid, found.gid];
    };
    expect(await owners('deep/a')).toEqual([uid, gid]);
    expect(await owners('deep')).toEqual([self, gid]);
    expect(await owners('.')).toEqual([self, gid]);
    expect(await projectFiles(directory, { files, gid })).toBe('unchanged');
  });

  it('shows what was last asked for, after any row of changes', async () => {
    const name = fc.constantFrom('a', 'b', 'd/c', 'd/e');
    const some = fc.uniqueArray(fc.record({ path: name, text: fc.constantFrom('1', '2') }), {
      selector: ({ path }) => path,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(some, { minLength: 1, maxLength: 5 }), async (states) => {
        for (const state of states)
          await show(
            directory,
            state.map(({ path, text }) => file(path, text)),
          );
        const wanted = states.at(-1)!.map(({ path, text }) => [path, `644 ${text}`] as const);
        expect(await seen()).toEqual(Object.fromEntries(wanted));
      }),
      { numRuns: 30 },
    );
  });
});
