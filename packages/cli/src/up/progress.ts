import type { Clock } from '@skerry/shared/clock';

/** Where a command says what it does; a terminal, a file or a pipe. */
export interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const titleWidth = 22;

/** Steps with their time, one line each: what is under way, then that it is done. */
export class Progress {
  readonly #screen: Screen;
  readonly #clock: Clock;

  constructor(screen: Screen, clock: Clock) {
    this.#screen = screen;
    this.#clock = clock;
  }

  /** Runs `work`; `remark` says of its result what is worth knowing. */
  async step<T>(
    title: string,
    work: () => Promise<T>,
    remark: (result: T) => string = () => '',
  ): Promise<T> {
    const start = this.#clock.monotonic();
    const live = this.#screen.isTTY === true;
    if (live) this.#screen.write(`  ${title.padEnd(titleWidth)}…`);
    const end = (outcome: string, said: string): void => {
      const seconds = ((this.#clock.monotonic() - start) / 1000).toFixed(1);
      const line = `  ${title.padEnd(titleWidth)}${outcome.padEnd(7)}${seconds} s   ${said}`;
      this.#screen.write(`${live ? '\r\u001b[K' : ''}${line.trimEnd()}\n`);
    };
    try {
      const result = await work();
      end('ok', remark(result));
      return result;
    } catch (error) {
      end('FAILED', '');
      throw error;
    }
  }
}
