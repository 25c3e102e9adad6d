const growth = 1.05;
const leastMs = 0.01;

/** How long things took, in buckets that grow by a twentieth: constant memory, however many there are. */
export class Latencies {
  readonly #buckets = new Map<number, number>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(ms: number): void {
    const bucket = Math.ceil(Math.log(Math.max(ms, leastMs) / leastMs) / Math.log(growth));
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count++;
  }

  /** Upper bound of the bucket below which `share` of them lie, milliseconds; undefined without any. */
  percentile(share: number): number | undefined {
    let left = Math.ceil(this.#count * share);
    for (const [bucket, count] of [...this.#buckets].toSorted(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return leastMs * growth ** bucket;
    }
    return undefined;
  }
}
