import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

const project = join(import.meta.dirname, '..', '..');
const lastLine = 'Ctrl-C stops everything';

/** `skerry up` as a person runs it, and what it shows. */
export class SkerryUp implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<[number | null]>;
  #screen = '';

  constructor(words: readonly string[]) {
    const program = join(project, 'packages', 'cli', 'bin', 'skerry.js');
    this.#child = spawn(process.execPath, [program, 'up', ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.#screen += chunk.toString('utf8')));
    this.#exited = once(this.#child, 'close') as Promise<[number | null]>;
  }

  /** Everything it has shown. */
  get screen(): string {
    return this.#screen;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Resolves when the last screen is there; throws with what there is when it ended before. */
  async untilUp(): Promise<void> {
    const shown = (): boolean => {
      if (this.#child.exitCode !== null) throw new Error(this.#screen);
      return this.#screen.includes(lastLine);
    };
    await eventually('the last screen', shown);
  }

  /** Resolves with the exit code when it has ended by itself. */
  async exited(): Promise<number | null> {
    return (await this.#exited)[0];
  }

  async end(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    this.#child.kill(signal);
    return this.exited();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.end('SIGINT');
  }
}
