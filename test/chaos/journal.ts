import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What a run did, a line each, in a file that outlives it; what must not be, and how often things happened. */
export class Journal {
  readonly file: string;
  /** Promises found broken, each in a sentence. */
  readonly violations: string[] = [];
  readonly #counts = new Map<string, number>();
  readonly #began = performance.now();

  constructor(file: string) {
    this.file = file;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
  }

  note(who: string, what: string): void {
    const seconds = ((performance.now() - this.#began) / 1_000).toFixed(2).padStart(7);
    appendFileSync(this.file, `${seconds} ${who.padEnd(8)} ${what}\n`);
  }

  violation(what: string): void {
    this.violations.push(what);
    this.note('BROKEN', what);
  }

  count(what: string, by = 1): void {
    this.#counts.set(what, this.counted(what) + by);
  }

  counted(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** Every count whose name begins so, by the rest of the name. */
  counts(prefix: string): Record<string, number> {
    const chosen = [...this.#counts].filter(([name]) => name.startsWith(prefix)).toSorted();
    return Object.fromEntries(chosen.map(([name, count]) => [name.slice(prefix.length), count]));
  }
}
