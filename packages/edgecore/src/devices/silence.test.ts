import { describe, expect, it } from 'vitest';
import { hear, type DeviceTwin } from './device-twin.ts';
import { heardAt, patienceMs, shortestSilenceMs } from './silence.ts';
import { madeTwin } from './testing/devices.ts';

const cycleMs = 20_000;

/** Park and Miller's: the same losses in every run. */
function* losses(share: number): Generator<boolean, never> {
  for (let seed = 42; ;) {
    seed = (seed * 48_271) % 2_147_483_647;
    yield seed / 2_147_483_647 < share;
  }
}

/** How often a device turns stale that speaks every cycle while a share of its messages is lost. */
function turns(share: number, cycles: number): number {
  let twin: DeviceTwin = madeTwin();
  let heard = 0;
  let stale = 0;
  const lost = losses(share);
  for (let at = cycleMs; at <= cycles * cycleMs; at += cycleMs) {
    if (at - heard > patienceMs(twin, cycleMs) && twin.state === 'online') {
      twin = { ...twin, state: 'stale' };
      stale += 1;
    }
    if (lost.next().value) continue;
    twin = hear(twin, { readings: [], receivedAt: at, live: true }).twin;
    heard = at;
  }
  return stale;
}

describe('the silence of a device', () => {
  it('is borne for twice its cycle, and never less than ten seconds', () => {
    expect(patienceMs(madeTwin(), cycleMs)).toBe(2 * cycleMs);
    expect(patienceMs(madeTwin(), 100)).toBe(shortestSilenceMs);
  });

  it('does not make a device blink that loses 30 % of its messages', () => {
    expect(turns(0, 1_000)).toBe(0);
    expect(turns(0.3, 10_000)).toBeLessThanOrEqual(3); // before it is known for its losses
  });

  it('is borne for ten cycles at most, whatever was lost before', () => {
    const away = hear(
      { ...madeTwin(), lastOnline: 0 },
      { readings: [], receivedAt: 1e9, live: true },
    );
    expect(patienceMs(away.twin, cycleMs)).toBe(10 * cycleMs);
  });

  it('counts from the moment the device was heard, not from the look that noticed', () => {
    const first = heardAt(undefined, 1_000, { now: 99_000, monotonic: 500 });
    expect(first.at).toBe(500); // after a start: it is given time
    const second = heardAt(first, 101_000, { now: 102_000, monotonic: 3_500 });
    expect(second.at).toBe(2_500);
    const jumped = heardAt(second, 103_000, { now: 9_999_999, monotonic: 4_000 });
    expect(jumped.at).toBe(3_500); // the wall clock has jumped ahead
  });
});
