import { lstat, mkdir, mkdtemp, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { own } from './ownership.ts';

/** One that we may give: without root, our own alone. */
const gid = process.getuid?.() === 0 ? 4_711 : (process.getgid?.() ?? 0);
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ownership-'));
});
afterEach(() => rm(root, { recursive: true }));

it('gives a whole tree to a group, links themselves and not what they lead to', async () => {
  const [volume, host] = [join(root, 'volume'), join(root, 'host')];
  await mkdir(join(volume, 'a/b'), { recursive: true });
  await writeFile(join(volume, 'a/b/file'), '', { mode: 0o600 });
  await writeFile(host, '', { mode: 0o600 });
  await symlink(host, join(volume, 'a/link'));
  await own(volume, { gid, onlyOnMismatch: false });
  for (const path of ['', 'a', 'a/b', 'a/b/file', 'a/link'])
    expect((await lstat(join(volume, path))).gid).toBe(gid);
  expect((await stat(join(volume, 'a/b/file'))).mode & 0o7777).toBe(0o660);
  expect((await stat(join(volume, 'a/b'))).mode & 0o2070).toBe(0o2070);
  expect((await stat(host)).mode & 0o7777).toBe(0o600);
});

it('touches nothing of the host where a container puts a link in the place of a directory meanwhile', async () => {
  const [volume, host] = [join(root, 'volume'), join(root, 'host')];
  const directories = Array.from({ length: 100 }, (_, n) => join(volume, `dir-${n}`));
  for (const directory of directories) {
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'secret'), '', { mode: 0o600 });
  }
  await mkdir(host);
  await writeFile(join(host, 'secret'), '', { mode: 0o600 });
  const owning = own(volume, { gid, onlyOnMismatch: false });
  const isGiven = async (path: string): Promise<boolean> =>
    ((await stat(join(path, 'secret'))).mode & 0o060) !== 0;
  while (!(await Promise.all(directories.map(isGiven))).includes(true)); // it has begun
  for (const directory of directories) {
    await rename(directory, `${directory}.away`);
    await symlink(host, directory);
  }
  await owning;
  expect((await stat(join(host, 'secret'))).mode & 0o7777).toBe(0o600);
});
