/** Turns that come round: everybody once per period, evenly spread, newcomers at the end. */
export class Rota<T> {
  readonly #members: T[] = [];
  readonly #periodMs: number;
  #next = 0;
  #credit = 0;

  constructor(periodMs: number) {
    this.#periodMs = periodMs;
  }

  get size(): number {
    return this.#members.length;
  }

  /** The member at a place, counted from the first that was added. */
  at(place: number): T | undefined {
    return this.#members[place];
  }

  add(member: T): void {
    this.#members.push(member);
  }

  /** Whose turn has come in the `elapsedMs` since the last call; nobody twice. */
  due(elapsedMs: number): T[] {
    const { length } = this.#members;
    this.#credit = Math.min(this.#credit + (length * elapsedMs) / this.#periodMs, length);
    const turns = Math.floor(this.#credit);
    this.#credit -= turns;
    const first = this.#next;
    this.#next = length === 0 ? 0 : (first + turns) % length;
    return Array.from({ length: turns }, (_, i) => this.#members[(first + i) % length] as T);
  }
}
