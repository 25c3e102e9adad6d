import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { InvariantViolation, messageOf } from '@skerry/shared/errors';
import { StartFailed } from '../runtime-errors.ts';
import { shimBinaries } from './shim-binaries.ts';
import { absentAs, readText } from './state-dir.ts';

/** Bound of one container's output on disk. */
export const PROCESS_LOG_BYTES: number = 10 * 1024 * 1024;

export interface Launch {
  readonly shim: string;
  /** Where the shim keeps its log and says who it is. */
  readonly directory: string;
  readonly exitPath: string;
  /** -1: as the agent. */
  readonly uid: number;
  readonly gid: number;
  readonly workingDir: string;
  /** Program first; found by the caller. */
  readonly program: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export type LaunchAnswer =
  | { readonly do: 'started'; readonly pid: number }
  /** `errno` of what failed; EEXIST when a shim has run this before. */
  | { readonly do: 'failed'; readonly errno: number };

/** Puts the shim for this machine into `bin`, under a name that says which; answers its path. */
export async function installShim(bin: string, arch: string): Promise<string> {
  const binary = shimBinaries[arch as keyof typeof shimBinaries] as string | undefined;
  if (binary === undefined) throw new InvariantViolation(`no process supervisor for ${arch}`);
  const content = Buffer.from(binary, 'base64');
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const path = join(bin, `shim-${hash}`);
  if ((await absentAs(undefined, readText(path))) !== undefined) return path;
  await writeFile(`${path}.draft`, content);
  await chmod(`${path}.draft`, 0o755);
  await rename(`${path}.draft`, path);
  return path;
}

/** Runs the shim, which outlives this process; resolves when it has started the program or failed. */
export async function launch(parts: Launch): Promise<LaunchAnswer> {
  const { shim, directory, exitPath, uid, gid, workingDir, program, argv, env } = parts;
  const numbers = [PROCESS_LOG_BYTES, exitPath, uid, gid].map(String);
  const child = spawn(shim, [directory, ...numbers, workingDir, program, ...argv], {
    cwd: '/',
    detached: true,
    env: { ...env },
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  child.unref();
  const failure = new Promise<never>((_, reject) => {
    child.once('error', (error) => {
      reject(new StartFailed(`failed to run ${shim}: ${messageOf(error)}`, { cause: error }));
    });
  });
  return parseAnswer(await Promise.race([readAll(child.stdio[3] as Readable), failure]));
}

async function readAll(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += String(chunk);
  return text;
}

function parseAnswer(text: string): LaunchAnswer {
  const [word, number] = text.trim().split(' ');
  if (word === 'ok') return { do: 'started', pid: Number(number) };
  if (word === 'error') return { do: 'failed', errno: Number(number) };
  throw new StartFailed(`the process supervisor ended without an answer: ${JSON.stringify(text)}`);
}
