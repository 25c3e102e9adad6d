import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { codeOf } from '@skerry/shared/errors';

const run = promisify(execFile);

/** A disk that can be filled, so that writes really fail, and have room again. */
export interface SmallDisk extends AsyncDisposable {
  /** How it is made, for the journal. */
  readonly kind: string;
  readonly full: boolean;
  /** How often it had room again. */
  readonly freed: number;
  /** From now on whoever writes there is refused; `pid` of the process that lives on it, if it runs. */
  fill(pid: number | undefined): Promise<void>;
  free(pid: number | undefined): Promise<void>;
}

const sizeMib = 32;

/**
 * Of a tmpfs mounted at `directory`, filled by a file beside what is there. Who may not mount gets a limit
 * on the size of files of the process (RLIMIT_FSIZE) instead, with the same effect: a write fails midway.
 * To be disposed of when nobody uses it any more.
 */
export async function openSmallDisk(directory: string): Promise<SmallDisk> {
  await mkdir(directory, { recursive: true });
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMib}m`, 'skerry-chaos', directory]);
    return new Tmpfs(directory);
  } catch {
    return new FileSizeLimit();
  }
}

class Tmpfs implements SmallDisk {
  readonly kind = `tmpfs of ${sizeMib} MiB`;
  full = false;
  freed = 0;
  readonly #directory: string;
  readonly #ballast: string;
  readonly #guard: ChildProcess;

  constructor(directory: string) {
    this.#directory = directory;
    this.#guard = guardMount(directory);
    this.#ballast = join(directory, 'ballast');
    mkdirSync(this.#ballast);
  }

  fill(): Promise<void> {
    this.full = true;
    const file = openSync(join(this.#ballast, 'file'), 'w');
    try {
      const block = Buffer.alloc(64 * 1_024, 1);
      for (;;) if (writeSync(file, block) === 0) break;
    } catch (error) {
      if (codeOf(error) !== 'ENOSPC') throw error;
    } finally {
      closeSync(file);
    }
    return Promise.resolve();
  }

  free(): Promise<void> {
    rmSync(join(this.#ballast, 'file'), { force: true });
    this.full = false;
    this.freed += 1;
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run('umount', [this.#directory]);
    const exited = once(this.#guard, 'exit');
    this.#guard.stdin?.end();
    await exited;
  }
}

/** A process that outlives this one, however it ends, and takes the mount away then. */
function guardMount(directory: string): ChildProcess {
  return spawn('sh', ['-c', 'read _; umount -l "$0"', directory], {
    detached: true, // Ctrl-C is for the rest of us
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

class FileSizeLimit implements SmallDisk {
  readonly kind = 'limit on the size of files';
  full = false;
  freed = 0;

  async fill(pid: number | undefined): Promise<void> {
    this.full = true;
    await limit(pid, '1');
  }

  async free(pid: number | undefined): Promise<void> {
    this.full = false;
    this.freed += 1;
    await limit(pid, 'unlimited');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** The soft limit alone, so that it can be raised again. */
async function limit(pid: number | undefined, bytes: string): Promise<void> {
  if (pid !== undefined) await run('prlimit', ['--pid', String(pid), `--fsize=${bytes}:`]);
}
