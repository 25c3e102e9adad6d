import type { Clock } from '@skerry/shared/clock';

/** How often the heap is looked at, milliseconds. */
export const tidyLookMs = 10_000;
/** What a heap may have grown by before it is tidied, bytes. */
export const tidyAboveBytes: number = 3 * 1024 ** 2;
/** The share of a core below which a process is at rest. */
export const restShare = 0.2;

export interface TidyParts {
  readonly clock: Clock;
  /** CPU time of the process so far, milliseconds of one core. */
  readonly cpuMs: () => number;
  readonly heapBytes: () => number;
  /** Gives back what is garbage; the process stands still meanwhile. */
  readonly collect: () => void;
}

/**
 * Tidies the heap whenever it has grown and the process is at rest: V8 collects garbage for the sake of room to
 * allocate, and one that allocates little would keep the garbage of its last burst for long. Rejects with the
 * signal's reason.
 */
export async function tidyHeap(parts: TidyParts, signal: AbortSignal): Promise<never> {
  const { clock, cpuMs, heapBytes, collect } = parts;
  let tidyBytes = 0;
  for (;;) {
    const [used, since] = [cpuMs(), clock.monotonic()];
    await clock.sleep(tidyLookMs, signal);
    const isAtRest = cpuMs() - used < restShare * (clock.monotonic() - since);
    if (!isAtRest || heapBytes() - tidyBytes < tidyAboveBytes) continue;
    collect();
    tidyBytes = heapBytes();
  }
}

/** Where the process was started with `--expose-gc`, as the package does; else undefined. */
export function garbageCollector(): (() => void) | undefined {
  const { gc } = globalThis;
  return gc && (() => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' }));
}

export function ownHeapBytes(): number {
  return process.memoryUsage().heapUsed;
}
