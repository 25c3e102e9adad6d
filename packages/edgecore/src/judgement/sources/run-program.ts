import { spawn } from 'node:child_process';
import { codeOf } from '@skerry/shared/errors';
import { whenAborted } from '@skerry/shared/supervise';
import { CannotSample } from './source.ts';

/** What is kept of the output of a program unless more is asked for, bytes. */
const usualOutputBytes = 64 * 1024;

export interface ProgramEnd {
  /** 128 + the signal when a signal ended it. */
  readonly exitCode: number;
  /** Of stdout and stderr together. */
  readonly output: string;
}

const signalNumbers: Readonly<Record<string, number>> = { SIGKILL: 9, SIGTERM: 15, SIGSEGV: 11 };

/**
 * Runs a program of the machine without a shell, in a process group of its own that is killed as a whole
 * when `signal` aborts. Of its output the first `maxOutputBytes` are kept. Throws CannotSample when it cannot be
 * started.
 */
export async function runProgram(
  [program = '', ...words]: readonly string[],
  signal: AbortSignal,
  maxOutputBytes: number = usualOutputBytes,
): Promise<ProgramEnd> {
  signal.throwIfAborted();
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  using _ = whenAborted(signal, () => killGroup(child.pid));
  const chunks: Buffer[] = [];
  let bytes = 0;
  const keep = (chunk: Buffer): void => {
    if (bytes < maxOutputBytes) chunks.push(chunk);
    bytes += chunk.length;
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', (error) =>
      reject(new CannotSample(`${program} cannot be run: ${codeOf(error)}`, { cause: error })),
    );
    child.once('close', (code, name) => resolve(code ?? 128 + (signalNumbers[name ?? ''] ?? 0)));
  });
  signal.throwIfAborted();
  return { exitCode, output: Buffer.concat(chunks).toString('utf8', 0, maxOutputBytes) };
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}
