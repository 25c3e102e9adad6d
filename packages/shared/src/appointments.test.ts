import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Appointments } from './appointments.ts';
import { ManualClock, settle } from './testing/manual-clock.ts';

describe('appointments', () => {
  let clock: ManualClock;
  let appointments: Appointments<string>;
  let kept: [string, number][];
  let stop: AbortController;
  let keeping: Promise<void>;

  function begin(): void {
    clock = new ManualClock();
    appointments = new Appointments();
    kept = [];
    stop = new AbortController();
    const due = (key: string): void => void kept.push([key, clock.monotonic()]);
    keeping = appointments.keep(clock, due, stop.signal);
  }

  async function end(): Promise<void> {
    stop.abort();
    await keeping;
  }

  beforeEach(begin);
  afterEach(end);

  it('are kept at their times, also one that is made later and is sooner', async () => {
    appointments.make('late', 100);
    await settle();
    appointments.make('soon', 10);
    await clock.advance(200);
    expect(kept).toEqual([
      ['soon', 10],
      ['late', 100],
    ]);
  });

  it('are one for each key, the last that was made', async () => {
    appointments.make('a', 10);
    appointments.make('a', 30);
    appointments.make('b', 40);
    appointments.make('b', 20);
    appointments.make('c', 20);
    appointments.cancel('c');
    await clock.advance(200);
    expect(kept).toEqual([
      ['b', 20],
      ['a', 30],
    ]);
  });

  it('keep their times and their order, whatever is made and cancelled', async () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      at: fc.option(fc.nat(500)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 400 }), async (steps) => {
        await end();
        begin();
        const wanted = new Map<string, number>();
        for (const { key, at } of steps) {
          if (at === null) appointments.cancel(key);
          else appointments.make(key, at);
          if (at === null) wanted.delete(key);
          else wanted.set(key, at);
        }
        await clock.advance(1_000);
        expect(kept.map(([, at]) => at)).toEqual(
          kept.map(([, at]) => at).toSorted((a, b) => a - b),
        );
        expect(new Map(kept)).toEqual(wanted);
        expect(kept).toHaveLength(wanted.size);
      }),
      { numRuns: 50 },
    );
  });
});
