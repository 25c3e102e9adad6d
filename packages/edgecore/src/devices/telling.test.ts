import { describe, expect, it } from 'vitest';
import { tell, type Told, type TellingRule } from './telling.ts';
import type { Stated } from './twin.ts';

const rule: TellingRule = {
  type: 'FLOAT',
  reportToCloud: true,
  reportCycleMs: 0,
  deadband: 0,
  heartbeatMs: undefined,
};

function stated(value: string, receivedAt = 0): Stated {
  return { value, receivedAt, version: { cloud: 0, edge: 1 } };
}

const told: Told = { stated: stated('20'), at: 1_000 };

describe('what the cloud is told of a property', () => {
  it('is the first value, at once', () => {
    expect(tell(rule, stated('20'), undefined, 5).told).toEqual({ stated: stated('20'), at: 5 });
  });

  it('is nothing that is to stay at the edge', () => {
    const kept = { ...rule, reportToCloud: false };
    expect(tell(kept, stated('20'), undefined, 5)).toEqual({ told: undefined, afterMs: Infinity });
  });

  it('is a change no sooner than the report cycle allows, and then the newest', () => {
    const slow = { ...rule, reportCycleMs: 10_000 };
    const early = tell(slow, stated('21', 1), told, 4_000);
    expect(early).toEqual({ told, afterMs: 7_000 });
    expect(tell(slow, stated('22', 2), told, 11_000).told?.stated.value).toBe('22');
  });

  it('is no change within the deadband, and one at its edge, measured from what was told', () => {
    const coarse = { ...rule, deadband: 0.5 };
    expect(tell(coarse, stated('20.4', 1), told, 9_000)).toEqual({ told, afterMs: Infinity });
    expect(tell(coarse, stated('20.5', 1), told, 9_000).told?.stated.value).toBe('20.5');
  });

  it('is a value that does not change once in a heartbeat', () => {
    const beating = { ...rule, deadband: 0.5, heartbeatMs: 60_000 };
    expect(tell(beating, stated('20.1', 1), told, 31_000).afterMs).toBe(30_000);
    expect(tell(beating, stated('20.1', 1), told, 61_000).told?.stated.value).toBe('20.1');
    expect(tell(beating, told.stated, told, 999_000).told).toEqual(told); // not heard again: not told
  });

  it('knows no deadband of what is not a number', () => {
    const text = { ...rule, type: 'STRING', deadband: 5 } as const;
    expect(tell(text, stated('open', 1), told, 2_000).told?.stated.value).toBe('open');
  });
});
