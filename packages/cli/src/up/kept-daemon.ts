import { exitCodes } from '@skerry/shared/process';
import { aborted } from '@skerry/shared/supervise';
import { doWhile } from './do-while.ts';
import { DaemonDied, DaemonProcess, type DaemonProcessOptions } from './daemon-process.ts';

export interface KeptDaemonOptions extends DaemonProcessOptions {
  /** Told of each death, in a sentence for people. */
  readonly tell: (sentence: string) => void;
}

/** How long a daemon stays down, as under systemd. */
const restartDelayMs = 1_000;
/** A life shorter than this counts as short; so many in a row, and the daemon is given up. */
const shortLifeMs = 5_000;
const maxShortLives = 3;

/**
 * A daemon that is started again when it dies, as systemd would do: whoever kills one to see what
 * happens shall see it come back. Given up when its exit code says that a restart cannot help, when it
 * does not become ready again, or when it dies young again and again.
 */
export class KeptDaemon implements AsyncDisposable {
  readonly #options: KeptDaemonOptions;
  #process: DaemonProcess;
  #shortLives = 0;

  private constructor(process: DaemonProcess, options: KeptDaemonOptions) {
    this.#process = process;
    this.#options = options;
  }

  /** Resolves when the daemon says that it is ready; throws DaemonDied with its last words. */
  static async start(options: KeptDaemonOptions, signal: AbortSignal): Promise<KeptDaemon> {
    return new KeptDaemon(await DaemonProcess.start(options, signal), options);
  }

  /** Of the newest life. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Does `work` while the daemon is kept; throws DaemonDied when it is given up before. */
  during<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    return doWhile((s) => this.#keep(s), work, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }

  /** Ends only by throwing: DaemonDied, or the signal's reason. */
  async #keep(signal: AbortSignal): Promise<never> {
    const { clock, name, tell } = this.#options;
    for (;;) {
      const born = clock.monotonic();
      const death = await this.#death(signal);
      this.#shortLives = clock.monotonic() - born < shortLifeMs ? this.#shortLives + 1 : 0;
      if (isForGood(death) || this.#shortLives >= maxShortLives) throw death;
      tell(`${name} ended (${death.end.how}) and is started again.`);
      await clock.sleep(restartDelayMs, signal);
      this.#process = await DaemonProcess.start(this.#options, signal);
    }
  }

  async #death(signal: AbortSignal): Promise<DaemonDied> {
    try {
      await this.#process.during(aborted, signal);
    } catch (error) {
      if (error instanceof DaemonDied) return error;
      throw error;
    }
    throw signal.reason;
  }
}

function isForGood({ end }: DaemonDied): boolean {
  return end.exitCode === exitCodes.usage || end.exitCode === exitCodes.misconfiguration;
}
