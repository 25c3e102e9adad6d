import { describe, expect, it } from 'vitest';
import { aborted } from '@skerry/shared/supervise';
import { doWhile } from './do-while.ts';

const { signal } = new AbortController();
const dies = (): Promise<void> => Promise.reject(new Error('dead'));

describe('doing something while something lives', () => {
  it('gives the result, and tells what lives that it is over', async () => {
    let told = false;
    const living = async (s: AbortSignal): Promise<void> => {
      await aborted(s);
      told = true;
    };
    expect(await doWhile(living, () => Promise.resolve(3), signal)).toBe(3);
    expect(told).toBe(true);
  });

  it('lets work put away what it owns before the death is told', async () => {
    let putAway = false;
    const work = async (s: AbortSignal): Promise<void> => {
      await aborted(s);
      await Promise.resolve();
      putAway = true;
    };
    await expect(doWhile(dies, work, signal)).rejects.toThrow('dead');
    expect(putAway).toBe(true);
  });

  it('does the same when it is told to end', async () => {
    let putAway = false;
    const stop = new AbortController();
    const work = async (s: AbortSignal): Promise<void> => {
      await aborted(s);
      await Promise.resolve();
      putAway = true;
    };
    const doing = doWhile(aborted, work, stop.signal);
    stop.abort();
    await doing;
    expect(putAway).toBe(true);
  });

  it('lets the failure of work through', async () => {
    const work = (): Promise<never> => Promise.reject(new Error('no'));
    await expect(doWhile(aborted, work, signal)).rejects.toThrow('no');
  });
});
