import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { PodUnfit } from '../pod-errors.ts';

const run = promisify(execFile);
/** A server that does not answer must not hold up the pod's other volumes for longer. */
const MOUNT_TIMEOUT_MS = 30_000;

/** A file system to be mounted on this machine. */
export interface MountWish {
  readonly type: 'tmpfs' | 'nfs';
  /** What is mounted: `server:/path`, or just a name. */
  readonly source: string;
  /** A directory that is there. */
  readonly target: string;
  readonly options: readonly string[];
}

/** Mounts what pods are given, on the machine itself: every container and process then finds it. */
export interface Mounter {
  /** Where something is mounted at `directory` or below, deepest first. */
  mountsAt(directory: string): Promise<readonly string[]>;
  /** Throws PodUnfit, with what the machine says, when it cannot. */
  mount(wish: MountWish): Promise<void>;
  unmount(path: string): Promise<void>;
}

/** The `mount` of this machine, with whatever helpers it has. Needs the right to mount. */
export const systemMounter: Mounter = {
  mountsAt: async (directory) =>
    mountPoints(await readFile('/proc/self/mountinfo', 'utf8'))
      .filter((path) => path === directory || path.startsWith(`${directory}/`))
      .toReversed(),
  mount: async ({ type, source, target, options }) => {
    const withOptions = options.length > 0 ? ['-o', options.join(',')] : [];
    const words = ['-t', type, ...withOptions, source, target];
    await run('mount', words, { timeout: MOUNT_TIMEOUT_MS }).catch((error: unknown) => {
      throw new PodUnfit(`mount failed: ${complaint(error)}`, { cause: error });
    });
  },
  unmount: async (path) => {
    // Lazily at the second attempt: a server that is gone must not keep the pod's end waiting.
    await run('umount', [path], { timeout: MOUNT_TIMEOUT_MS }).catch(() =>
      run('umount', ['--lazy', path], { timeout: MOUNT_TIMEOUT_MS }),
    );
  },
};

/** The fifth field of each line; spaces and the like are written as `\040`. Source: proc(5). */
export function mountPoints(mountinfo: string): string[] {
  return mountinfo.split('\n').flatMap((line) => {
    const path = line.split(' ')[4];
    return path === undefined ? [] : [path.replaceAll(/\\([0-7]{3})/g, unescaped)];
  });
}

function unescaped(_: string, octal: string): string {
  return String.fromCharCode(Number.parseInt(octal, 8));
}

function complaint(error: unknown): string {
  const { stderr = '', message = '' } = error as { stderr?: string; message?: string };
  return stderr.trim() || message;
}
