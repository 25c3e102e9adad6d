import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tidyAboveBytes, tidyHeap, tidyLookMs } from './tidy-heap.ts';

describe('tidyHeap', () => {
  let clock: ManualClock;
  let stop: AbortController;
  let ended: Promise<unknown>;
  let cpuMs: number;
  let heapBytes: number;
  let tidied: number;

  beforeEach(() => {
    [clock, stop] = [new ManualClock(), new AbortController()];
    [cpuMs, heapBytes, tidied] = [0, 10 * tidyAboveBytes, 0];
    const collect = (): void => {
      tidied++;
      heapBytes = 5 * tidyAboveBytes;
    };
    const parts = { clock, cpuMs: () => cpuMs, heapBytes: () => heapBytes, collect };
    ended = tidyHeap(parts, stop.signal).catch((error: unknown) => error);
  });
  afterEach(async () => {
    stop.abort();
    expect(await ended).toBe(stop.signal.reason);
  });

  it('tidies once what has grown, and again when it has grown again', async () => {
    await clock.advance(tidyLookMs);
    expect(tidied).toBe(1);
    heapBytes += tidyAboveBytes - 1;
    await clock.advance(tidyLookMs);
    expect(tidied).toBe(1);
    heapBytes += 1;
    await clock.advance(tidyLookMs);
    expect(tidied).toBe(2);
  });

  it('waits until there is nothing else to do', async () => {
    cpuMs += tidyLookMs / 2;
    await clock.advance(tidyLookMs);
    expect(tidied).toBe(0);
    await clock.advance(tidyLookMs);
    expect(tidied).toBe(1);
  });
});
