import { MemoryStore } from '@skerry/shared/testing/memory-store';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { describe, expect, it } from 'vitest';
import { History, type HistoryPolicy } from './history.ts';
import { Selection, repetitionMs } from './recorder.ts';
import { thermo } from './testing/devices.ts';
import type { ReportOutcome } from './twin.ts';

const hourMs = 3_600_000;
const all = { property: 't', since: 0, until: Number.MAX_SAFE_INTEGER, limit: 10_000 };

interface Past {
  readonly clock: ManualClock;
  readonly history: History;
  readonly say: (value: string, time: number, outcome?: ReportOutcome) => Promise<void>;
  readonly values: (query?: object) => Promise<string[]>;
}

function past(policy: Partial<HistoryPolicy> = {}): Past {
  const clock = new ManualClock();
  const store = new MemoryStore();
  const limits = { quotaBytes: 1e9, maxAgeSeconds: 1e6, ...policy };
  const history = new History({ store, policy: limits, clock });
  const selection = new Selection();
  return {
    clock,
    history,
    say: (value, sourceTime, outcome = 'changed') => {
      const readings = [{ property: 't', value, sourceTime }];
      const arrival = { readings, receivedAt: clock.now(), live: true };
      return history.append(thermo, selection.select(thermo, arrival, [outcome]));
    },
    values: async (query = {}) =>
      (await history.read(thermo, { ...all, ...query })).map(({ value }) => value),
  };
}

describe('the history of a property', () => {
  it('is in the order of the device’s own times, over hours', async () => {
    const { clock, say, values } = past();
    const now = clock.now();
    await say('c', now);
    await say('a', now - 30 * hourMs, 'late');
    await say('b', now - hourMs, 'late');
    expect(await values()).toEqual(['a', 'b', 'c']);
    expect(await values({ since: now - hourMs })).toEqual(['b', 'c']);
    expect(await values({ until: now - 1 })).toEqual(['a', 'b']);
    expect(await values({ limit: 2 })).toEqual(['b', 'c']);
    expect(await values({ property: 'other' })).toEqual([]);
  });

  it('has a value that only repeats once a minute', async () => {
    const { clock, say, values } = past();
    await say('1', clock.now());
    await say('1', clock.now() + 1, 'unchanged');
    await clock.advance(repetitionMs);
    await say('1', clock.now(), 'unchanged');
    expect(await values()).toEqual(['1', '1']);
  });

  it('loses the oldest beyond its quota, and what is too old', async () => {
    const { clock, history, say, values } = past({ quotaBytes: 3_000, maxAgeSeconds: 7_200 });
    const began = clock.now();
    for (let at = 0; at < 200; at++) await say(String(at), began + at * 1_000);
    const stop = new AbortController();
    const running = history.run(stop.signal);
    await clock.advance(0);
    const kept = await values();
    expect(history.bytes).toBeLessThanOrEqual(3_000);
    expect(kept.length).toBeGreaterThan(20);
    expect(kept).toEqual(
      Array.from({ length: kept.length }, (_, i) => String(200 - kept.length + i)),
    );
    await clock.advance(4 * hourMs);
    expect(await values()).toEqual([]);
    expect(history.bytes).toBe(0);
    stop.abort();
    await running;
  });
});
