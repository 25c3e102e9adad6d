import { open, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogLine, LogOptions } from '../container-runtime.ts';
import { absentAs } from './state-dir.ts';
import { watchDirectories } from './watch-directories.ts';

const CHUNK_BYTES = 64 * 1024;
const form = /^(\d+)\.(\d{9}) ([oe]) ([FP]) (.*)$/s;

/** Where a container's output is, and how to know that no more will come. */
export interface LogSource {
  readonly directory: string;
  /** Changes when the container ends. */
  readonly exits: string;
  readonly hasEnded: () => Promise<boolean>;
}

/** Reads a container's log. When followed, until it has ended and all is read, or `signal` aborts. */
export async function* readLog(
  { directory, exits, hasEnded }: LogSource,
  { tailLines, follow = false }: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<LogLine, void> {
  const stop = new AbortController();
  const changes = watchDirectories([directory, exits], AbortSignal.any([signal, stop.signal]));
  const reader = new LogReader(join(directory, 'log'));
  try {
    const held = [...(await readLines(join(directory, 'log.1'))), ...(await reader.more())];
    yield* tailLines === undefined ? held : held.slice(Math.max(0, held.length - tailLines));
    while (follow && !signal.aborted) {
      const over = await hasEnded(); // asked before reading: what came after the end is nothing
      yield* await reader.more();
      if (over) return;
      await changes.next();
    }
  } finally {
    stop.abort();
    await reader[Symbol.asyncDispose]();
  }
}

/** Reads on in a file that may be renamed away and begun anew. */
class LogReader implements AsyncDisposable {
  readonly #path: string;
  #handle: FileHandle | undefined;
  #rest = '';

  constructor(path: string) {
    this.#path = path;
  }

  async more(): Promise<LogLine[]> {
    this.#handle ??= await absentAs(undefined, open(this.#path));
    if (!this.#handle) return [];
    const lines = await this.#readOn(this.#handle);
    if (!(await this.#replaced(this.#handle))) return lines;
    lines.push(...(await this.#readOn(this.#handle))); // written between the last read and the rename
    await this.#handle.close();
    this.#handle = undefined;
    return [...lines, ...(await this.more())];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle?.close();
  }

  async #readOn(handle: FileHandle): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    const buffer = Buffer.alloc(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, null);
      if (bytesRead === 0) return lines;
      const texts = (this.#rest + buffer.toString('latin1', 0, bytesRead)).split('\n');
      this.#rest = texts.pop() ?? '';
      lines.push(...texts.map(parseLine).filter((line) => line !== undefined));
    }
  }

  async #replaced(handle: FileHandle): Promise<boolean> {
    const [held, named] = [await handle.stat(), await absentAs(undefined, stat(this.#path))];
    return named !== undefined && named.ino !== held.ino;
  }
}

async function readLines(path: string): Promise<LogLine[]> {
  await using reader = new LogReader(path);
  return await reader.more();
}

/** `text` holds bytes as Latin-1, so that a character cut by a chunk is whole again here. */
function parseLine(text: string): LogLine | undefined {
  const [, seconds, nanoseconds, stream, completeness, bytes] = form.exec(text) ?? [];
  if (seconds === undefined || nanoseconds === undefined || bytes === undefined) return undefined;
  const second = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  return {
    stream: stream === 'e' ? 'stderr' : 'stdout',
    time: `${second}.${nanoseconds}Z`,
    text: Buffer.from(bytes, 'latin1').toString('utf8'),
    full: completeness === 'F',
  };
}
