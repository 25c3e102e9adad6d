import { fork, type ChildProcess } from 'node:child_process';
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Clock } from '@skerry/shared/clock';
import { readyFacts } from '@skerry/shared/daemon';
import { EdgeError, codeOf } from '@skerry/shared/errors';
import { installedModule } from '@skerry/shared/installation';
import { aborted } from '@skerry/shared/supervise';
import { doWhile } from './do-while.ts';

export interface DaemonProcessOptions {
  readonly name: string;
  /** The program to run, a JavaScript module. */
  readonly module: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /**
   * What it writes goes there; what an earlier one wrote moves to `<logFile>.1`. Its process id goes to
   * `<logFile>.pid`.
   */
  readonly logFile: string;
  /** False for a program that is no daemon of ours: it is taken for ready once it runs. */
  readonly saysReady?: boolean;
  readonly clock: Clock;
}

/** How a process ended: a signal's name or an exit code in words, and the code if there is one. */
export interface End {
  readonly how: string;
  readonly exitCode: number | null;
}

/** A process of ours ended although nobody told it to. The message holds its last words. */
export class DaemonDied extends EdgeError {
  readonly code = 'up.daemon-died';
  readonly disposition = 'fatal';
  readonly end: End;

  constructor(message: string, end: End) {
    super(message);
    this.end = end;
  }
}

/** Loaded before the program, whatever it is: it need not know that it has a parent. */
const endWithParent = pathToFileURL(installedModule('end-with-parent')).href;
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
  readonly #ended: Promise<End>;

  private constructor(child: ChildProcess, options: DaemonProcessOptions) {
    this.#child = child;
    this.#options = options;
    this.#ended = new Promise((resolve) => {
      child.once('error', ({ message }) => resolve({ how: message, exitCode: null }));
      child.once('exit', (exitCode, signal) =>
        resolve({ how: signal ?? `exit code ${exitCode}`, exitCode }),
      );
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
    await writeFile(`${options.logFile}.pid`, String(daemon.pid));
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
  during<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const live = async (s: AbortSignal): Promise<void> => {
      const end = await Promise.race([this.#ended, aborted(s)]);
      if (end) throw await this.#died(end);
    };
    return doWhile(live, work, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    const patience = new AbortController();
    const kill = this.#options.clock
      .sleep(endPatienceMs, patience.signal)
      .then(() => this.#child.kill('SIGKILL'))
      .catch(() => undefined);
    await this.#ended;
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
      .then((): End => ({ how: `not ready in ${readyPatienceMs / 1000} s`, exitCode: null }));
    try {
      const first = await Promise.race([ready, this.#ended, late]);
      if (first !== 'ready') throw await this.#died(first);
    } finally {
      done.abort();
      late.catch(() => undefined);
    }
  }

  async #died(end: End): Promise<DaemonDied> {
    const { name, logFile } = this.#options;
    const log = await readFile(logFile, 'utf8').catch(() => '');
    const last = log.trimEnd().split('\n').slice(-shownLogLines);
    const lines = [`${name}: ${end.how}. Its last words, from ${logFile}:`, ...last];
    return new DaemonDied(lines.join('\n  '), end);
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
