import { readFile } from 'node:fs/promises';
import { MAX_EXEC_OUTPUT_BYTES, type ExecOutcome } from '../container-runtime.ts';
import { ExecFailed } from '../runtime-errors.ts';
import { EngineRefused } from './engine-refused.ts';
import type { Engine } from './engine.ts';
import { frames } from './log-frames.ts';

export interface ExecWish {
  readonly id: string;
  readonly command: readonly string[];
  readonly timeoutMs: number;
}

/**
 * Runs a command in a running container; see `ContainerRuntime.execSync`. An engine cannot be asked to
 * end one that takes too long, so it is killed from here where the engine is on this machine.
 */
export async function execInContainer(
  engine: Engine,
  wish: ExecWish,
  signal: AbortSignal,
): Promise<ExecOutcome> {
  const { id, command, timeoutMs } = wish;
  const patience = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, patience]);
  const output = new BoundedText(MAX_EXEC_OUTPUT_BYTES);
  let execId: string | undefined;
  try {
    execId = await engine.createExec(id, command, either);
    for await (const { bytes } of frames(await engine.startExec(execId, either))) output.add(bytes);
    either.throwIfAborted(); // an aborted stream may end as if there were no more to come
    const { ExitCode } = await engine.exec(execId, either);
    return { do: 'ended', exitCode: ExitCode ?? 0, output: output.text };
  } catch (error) {
    signal.throwIfAborted();
    if (patience.aborted) {
      if (execId !== undefined) await killLeftover(engine, id, execId, signal);
      return { do: 'timed-out', output: output.text };
    }
    throw error instanceof EngineRefused ? new ExecFailed(error.message, { cause: error }) : error;
  }
}

/** The first so many bytes of what is added. */
class BoundedText {
  readonly #limit: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  add(bytes: Buffer): void {
    const room = this.#limit - this.#bytes;
    if (room <= 0) return;
    const kept = bytes.subarray(0, room);
    this.#chunks.push(kept);
    this.#bytes += kept.length;
  }
}

/** The number is the engine's: only a process that is in the container's own control group is ours. */
async function killLeftover(
  engine: Engine,
  id: string,
  execId: string,
  signal: AbortSignal,
): Promise<void> {
  const report = await engine.exec(execId, signal).catch(() => undefined);
  if (!report?.Running || report.Pid <= 1) return;
  const groups = await readFile(`/proc/${report.Pid}/cgroup`, 'utf8').catch(() => '');
  if (!groups.includes(id)) return;
  try {
    process.kill(report.Pid, 'SIGKILL');
  } catch {
    // it has ended by itself, or is not ours to end
  }
}
