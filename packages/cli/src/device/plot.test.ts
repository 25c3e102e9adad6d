import { describe, expect, it } from 'vitest';
import { plot } from './plot.ts';

const at = (value: string, seconds: number) => ({
  value,
  timestamp: Date.UTC(2026, 0, 1, 0, 0, seconds),
});

describe('a plot', () => {
  it('is as high as its numbers, and as long as its time', () => {
    const ramp = [0, 1, 2, 3, 4].map((second) => at(String(second * 10), second));
    const [top = '', below = '', axis] = plot(ramp, { width: 4, height: 2 })?.split('\n') ?? [];
    expect([top.slice(0, 4), below.slice(0, 4)]).toEqual(['40 ┤', ' 0 ┤']);
    expect(top.slice(4)).toBe(' ▁▄█');
    expect(below.slice(4)).toBe('▅███');
    expect(axis).toBe('    2026-01-01T00:00:00Z … 2026-01-01T00:00:04Z');
  });

  it('holds a value until the next one', () => {
    const step = [at('1', 0), at('9', 90), at('9', 100)];
    const lowest = plot(step, { width: 10, height: 1 })?.split('\n')[0];
    expect(lowest).toBe('9 ┤▁▁▁▁▁▁▁▁██');
  });

  it('is none of what are no numbers', () => {
    expect(plot([at('open', 0)], { width: 4, height: 2 })).toBeUndefined();
    expect(plot([], { width: 4, height: 2 })).toBeUndefined();
  });
});
