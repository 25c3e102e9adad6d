import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@skerry/shared/errors';
import type { TestDaemon } from '../support/test-daemon.ts';
import type { Kill } from './faults.ts';
import type { Journal } from './journal.ts';
import type { SmallDisk } from './small-disk.ts';

const lookMs = 200;
const retryMs = 500;

/** What a service manager does for a daemon: it runs until it is told to end, whatever becomes of it. */
export class Keeper {
  readonly name: string;
  readonly daemon: TestDaemon;
  readonly #journal: Journal;
  readonly #disk: Pick<SmallDisk, 'full' | 'freed'> | undefined;
  /** How often its disk had been freed when it was started last. */
  #freedBefore = 0;
  #line: Promise<void> = Promise.resolve();
  #wanted = false;

  /** `disk`: where that was full, its end by itself is no wonder. */
  constructor(name: string, daemon: TestDaemon, journal: Journal, disk?: SmallDisk) {
    this.name = name;
    this.daemon = daemon;
    this.#journal = journal;
    this.#disk = disk;
  }

  start(): Promise<void> {
    this.#wanted = true;
    return this.#inTurn(() => this.#untilRunning());
  }

  /** Ends it for good; resolves with its exit code. */
  async stop(): Promise<number | null> {
    this.#wanted = false;
    let code: number | null = null;
    await this.#inTurn(async () => {
      code = await this.daemon.end('SIGTERM');
    });
    return code;
  }

  crash({ downMs, againMs }: Kill): Promise<void> {
    return this.#inTurn(async () => {
      await this.daemon.end('SIGKILL');
      await sleep(downMs);
      if (againMs !== undefined) {
        const starting = this.daemon.start().catch(() => undefined); // it is not to succeed
        await sleep(againMs);
        await this.daemon.end('SIGKILL');
        await starting;
      }
      await this.#untilRunning();
    });
  }

  /** Starts it again whenever it has ended by itself, until the signal aborts. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#inTurn(async () => {
        if (!this.#wanted || this.daemon.running) return;
        this.#ended('ended by itself');
        await this.#untilRunning();
      });
      await sleep(lookMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #untilRunning(): Promise<void> {
    while (this.#wanted && !this.daemon.running) {
      this.#freedBefore = this.#disk?.freed ?? 0;
      try {
        await this.daemon.start();
        this.#journal.count(`starts ${this.name}`);
      } catch (error) {
        this.#ended(`did not start: ${messageOf(error).slice(0, 200)}`);
        await sleep(retryMs);
      }
    }
  }

  #ended(how: string): void {
    this.#journal.note(this.name, how);
    this.#journal.count(`ended ${this.name}`);
    const isSlow = how.includes('did not become ready in time'); // as the machine may be
    if (!this.#lackedRoom() && !isSlow)
      this.#journal.violation(`${this.name} ${how}, with room on its disk`);
  }

  /** At any time since it was started. */
  #lackedRoom(): boolean {
    return this.#disk !== undefined && (this.#disk.full || this.#disk.freed > this.#freedBefore);
  }

  /** One thing at a time. */
  #inTurn(act: () => Promise<void>): Promise<void> {
    this.#line = this.#line.then(act);
    return this.#line;
  }
}
