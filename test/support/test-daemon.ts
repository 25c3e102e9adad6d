import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile } from 'node:fs/promises';
import { openSync, closeSync } from 'node:fs';
import { readyFacts } from '@skerry/shared/daemon';
import { patienceMs } from './eventually.ts';

export interface TestDaemonOptions {
  readonly name: string;
  /** A module for our Node, for example `packages/cloudhub/bin/cloudhub.js`; else a program. */
  readonly program: string;
  readonly configFile: string;
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** One daemon as users run it: a process of its own, told what to do by a file. */
export class TestDaemon implements AsyncDisposable {
  readonly #options: TestDaemonOptions;
  #child: ChildProcess | undefined;

  constructor(options: TestDaemonOptions) {
    this.#options = options;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Whether it was started and has not ended, by itself or by `end`. */
  get running(): boolean {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Starts it; resolves with what it says of itself when it is ready. Fails with its log. */
  async start(): Promise<object> {
    const { program, configFile, logFile, env } = this.#options;
    const log = openSync(logFile, 'a');
    const isModule = program.endsWith('.js');
    const words = [...(isModule ? [program] : []), '--config', configFile];
    const child = spawn(isModule ? process.execPath : program, words, {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.#child = child;
    return this.#ready(child);
  }

  /** Ends it with `signal` and waits until it is gone; resolves with its exit code, if it has one. */
  async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const exited = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    const [code] = await exited;
    clearTimeout(timer);
    await appendFile(this.#options.logFile, `--- ended by ${signal}\n`);
    return code;
  }

  /** As a crash of the process, or of its machine without loss of the disk, and its return. */
  async crashAndRestart(): Promise<void> {
    await this.end('SIGKILL');
    await this.start();
  }

  /** Everything it wrote, over all its starts. */
  log(): Promise<string> {
    return readFile(this.#options.logFile, 'utf8').catch(() => '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGTERM');
  }

  async #ready(child: ChildProcess): Promise<object> {
    const deadline = AbortSignal.timeout(patienceMs);
    const ready = new Promise<object>((resolve) => {
      child.on('message', (message) => {
        const facts = readyFacts(message);
        if (facts) resolve(facts);
      });
    });
    const ended = once(child, 'exit', { signal: deadline }).then(
      ([code]) => `ended with ${String(code)}`,
      () => 'did not become ready in time',
    );
    const first = await Promise.race([ready, ended]);
    if (typeof first !== 'string') return first;
    await this.end('SIGKILL');
    throw new Error(`${this.#options.name} ${first}:\n${await this.log()}`);
  }
}
