import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { codeOf } from '@skerry/shared/errors';
import { MAX_EXEC_OUTPUT_BYTES, type ExecOutcome } from '../container-runtime.ts';
import { startErrorMessage } from './exit-record.ts';

export interface ProcessExec {
  /** Program first; found by the caller. */
  readonly program: string;
  readonly argv: readonly string[];
  readonly workingDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly timeoutMs: number;
}

/**
 * Runs a command beside a process container; see `ContainerRuntime.execSync`. It has a process group of
 * its own, so that what it started ends with it.
 */
export async function execProcess(wish: ProcessExec, signal: AbortSignal): Promise<ExecOutcome> {
  const { program, argv, workingDir, env, uid, gid, timeoutMs } = wish;
  const child = spawn(program, argv.slice(1), {
    argv0: argv[0] ?? program,
    cwd: workingDir,
    env: { ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  });
  const patience = AbortSignal.timeout(timeoutMs);
  const kill = (): void => killGroup(child);
  const either = AbortSignal.any([signal, patience]);
  either.addEventListener('abort', kill, { once: true });
  try {
    const ended = await untilEnded(child, argv[0] ?? program, either);
    signal.throwIfAborted();
    return patience.aborted ? { do: 'timed-out', output: ended.output } : ended;
  } finally {
    either.removeEventListener('abort', kill);
    kill(); // what it left behind must not outlive it, nor keep our pipes open
  }
}

function untilEnded(
  child: ChildProcess,
  name: string,
  either: AbortSignal,
): Promise<Extract<ExecOutcome, { do: 'ended' }>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const take = (chunk: Buffer): void => {
    if (bytes < MAX_EXEC_OUTPUT_BYTES)
      chunks.push(chunk.subarray(0, MAX_EXEC_OUTPUT_BYTES - bytes));
    bytes += chunk.length;
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const output = (): string => Buffer.concat(chunks).toString('utf8');
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const exitCode = codeOf(error) === 'ENOENT' ? 127 : 126;
      resolve({ do: 'ended', exitCode, output: startErrorMessage(name, -(error.errno ?? 0)) });
    });
    // `close` comes after the last output, but not while a stranger holds the pipe
    child.once('close', (code, ended) => resolve(endedAs(code, ended, output())));
    either.addEventListener('abort', () => resolve(endedAs(null, 'SIGKILL', output())), {
      once: true,
    });
  });
}

function endedAs(
  code: number | null,
  killedBy: NodeJS.Signals | null,
  output: string,
): Extract<ExecOutcome, { do: 'ended' }> {
  const exitCode = code ?? 128 + (killedBy === null ? 0 : constants.signals[killedBy]);
  return { do: 'ended', exitCode, output };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}
