import { fork, type ChildProcess } from 'node:child_process';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '@skerry/shared/clock';
import { readyFacts } from '@skerry/shared/daemon';
import { EdgeError, codeOf } from '@skerry/shared/errors';

export interface DaemonProcessOptions {
  readonly name: string;
  /** The program to run, a JavaScript module. */
  readonly module: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** What it writes goes there; what an earlier one wrote moves to `<logFile>.1`. */
  readonly logFile: string;
  /** False for a program that is no daemon of ours: it is taken for ready once it runs. */
  readonly saysReady?: boolean;
  readonly clock: Clock;
}

/** A process of ours ended although nobody told it to. */
export class DaemonDied extends EdgeError {
  readonly code = 'up.daemon-died';
  readonly disposition = 'fatal';
}

/** Loaded before the program, whatever it is: it need not know that it has a parent. */
const endWithParent = import.meta.resolve('@skerry/cli/up/end-with-parent');
const readyPatienceMs = 60_000;
const endPatienceMs = 25_000;
const shownLogLines = 12;

/**
 * One daemon as a process of its own, in a group of its own (so that a Ctrl-C reaches it only through
 * us, in our order), with a channel to us: when we are gone, even by SIGKILL, it ends by itself.
 */
export class DaemonProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #options: DaemonProcessOptions;
  readonly #exited: Promise<string>;

  private constructor(child: ChildProcess, options: DaemonProcessOptions) {
    this.#child = child;
    this.#options = options;
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  }

  /** Resolves when the daemon says that it is ready; throws DaemonDied with its last words. */
  static async start(options: DaemonProcessOptions, signal: AbortSignal): Promise<DaemonProcess> {
    await setAside(options.logFile);
    await using log = await open(options.logFile, 'a', 0o600);
    const child = fork(options.module, options.args, {
      env: options.env,
      execArgv: ['--import', endWithParent],
      detached: true,
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
    });
    const daemon = new DaemonProcess(child, options);
    try {
      if (options.saysReady !== false) await daemon.#becomeReady(signal);
      return daemon;
    } catch (error) {
      await daemon[Symbol.asyncDispose]();
      throw error;
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Does `work` while the daemon lives; throws DaemonDied when that ends before the work does. */
  async during<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const over = new AbortController();
    const death = this.#exited.then(async (how) => {
      throw await this.#died(how);
    });
    try {
      return await Promise.race([work(AbortSignal.any([signal, over.signal])), death]);
    } finally {
      over.abort();
      death.catch(() => undefined); // from now on it may end
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    const patience = new AbortController();
    const kill = this.#options.clock
      .sleep(endPatienceMs, patience.signal)
      .then(() => this.#child.kill('SIGKILL'))
      .catch(() => undefined);
    await this.#exited;
    patience.abort();
    await kill;
  }

  async #becomeReady(signal: AbortSignal): Promise<void> {
    const done = new AbortController();
    const waiting = AbortSignal.any([signal, done.signal]);
    const ready = new Promise<'ready'>((resolve) => {
      this.#child.on('message', (message) => {
        if (readyFacts(message)) resolve('ready');
      });
    });
    const late = this.#options.clock
      .sleep(readyPatienceMs, waiting)
      .then(() => `not ready within ${readyPatienceMs / 1000} s`);
    try {
      const how = await Promise.race([ready, this.#exited, late]);
      if (how !== 'ready') throw await this.#died(how);
    } finally {
      done.abort();
      late.catch(() => undefined);
    }
  }

  async #died(how: string): Promise<DaemonDied> {
    const { name, logFile } = this.#options;
    const log = await readFile(logFile, 'utf8').catch(() => '');
    const last = log.trimEnd().split('\n').slice(-shownLogLines);
    return new DaemonDied([`${name}: ${how}. It last wrote to ${logFile}:`, ...last].join('\n  '));
  }
}

async function setAside(logFile: string): Promise<void> {
  await mkdir(dirname(logFile), { recursive: true, mode: 0o700 });
  try {
    await rename(logFile, `${logFile}.1`);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
