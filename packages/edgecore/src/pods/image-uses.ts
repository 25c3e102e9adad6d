import { rename, writeFile } from 'node:fs/promises';
import type { Clock } from '@skerry/shared/clock';
import { readIfPresent } from '@skerry/shared/durable-file';

interface Use {
  readonly at: number;
  /** This agent has fetched it. */
  readonly ours: boolean;
}

/**
 * When each image was last needed here, and which of them this agent has fetched: in memory, and in one
 * file that is written when it is asked for. What a crash forgets only makes an image stay for longer.
 */
export class ImageUses {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #uses: Map<string, Use>;

  private constructor(path: string, clock: Clock, uses: Map<string, Use>) {
    this.#path = path;
    this.#clock = clock;
    this.#uses = uses;
  }

  static async open(path: string, clock: Clock): Promise<ImageUses> {
    return new ImageUses(path, clock, new Map(parse((await readIfPresent(path)) ?? '[]')));
  }

  note(id: string, pulled: boolean): void {
    const ours = pulled || this.#uses.get(id)?.ours === true;
    this.#uses.set(id, { at: this.#clock.now(), ours });
  }

  isOurs(id: string): boolean {
    return this.#uses.get(id)?.ours === true;
  }

  /** When it was last needed; an image never heard of is new from now on. */
  lastUsedAt(id: string): number {
    const known = this.#uses.get(id);
    if (known) return known.at;
    this.note(id, false);
    return this.#clock.now();
  }

  /** Forgets images that are no more, and keeps the rest on disk. */
  async keepOnly(ids: ReadonlySet<string>): Promise<void> {
    for (const id of this.#uses.keys()) if (!ids.has(id)) this.#uses.delete(id);
    await writeFile(`${this.#path}.draft`, JSON.stringify([...this.#uses]), { mode: 0o600 });
    await rename(`${this.#path}.draft`, this.#path);
  }
}

/** A file that was cut short says nothing. */
function parse(text: string): [string, Use][] {
  try {
    return JSON.parse(text) as [string, Use][];
  } catch {
    return [];
  }
}
