import { describe, expect, it } from 'vitest';
import { decideWish, readSettled, writeSettled, type EdgeWish } from './wish.ts';

const wish: EdgeWish = { property: 'setpoint', value: '25', over: '20', version: 3, at: 0 };

describe('a desired value written at the edge', () => {
  it('is written where the spec still says what the edge saw', () => {
    expect(decideWish({ value: '20', settled: undefined }, wish)).toBe('write');
    expect(decideWish({ value: null, settled: undefined }, { ...wish, over: null })).toBe('write');
  });

  it('is written over what the same edge wrote last', () => {
    expect(decideWish({ value: '22', settled: { version: 2, value: '22' } }, wish)).toBe('write');
  });

  it('loses to what was written in the cloud meanwhile', () => {
    expect(decideWish({ value: '30', settled: { version: 2, value: '22' } }, wish)).toBe('lose');
    expect(decideWish({ value: null, settled: undefined }, wish)).toBe('lose');
  });

  it('is decided once', () => {
    expect(decideWish({ value: '20', settled: { version: 3, value: '25' } }, wish)).toBe('settled');
    expect(decideWish({ value: '20', settled: { version: 4 } }, wish)).toBe('settled');
  });

  it('is remembered on the Device, whatever else stands there', () => {
    const settled = new Map([
      ['a', { version: 1 }],
      ['b', { version: 2, value: '' }],
    ]);
    expect(readSettled(writeSettled(settled))).toEqual(settled);
    for (const odd of [undefined, '', 'x', '[]', 'null', '{"a":null,"b":{"version":"1"}}'])
      expect(readSettled(odd).size).toBe(0);
  });
});
