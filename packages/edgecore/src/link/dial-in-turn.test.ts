import { describe, expect, it } from 'vitest';
import { dialInTurn } from './dial-in-turn.ts';

const { signal } = new AbortController();

describe('dialling in turn', () => {
  it('goes on to the next address when one does not answer, and stays with the one that does', async () => {
    const dialled: string[] = [];
    const dial = dialInTurn(['a', 'b', 'c'], (address) => {
      dialled.push(address);
      return address === 'b' ? Promise.resolve(address) : Promise.reject(new Error(address));
    });
    expect(await dial(signal)).toBe('b');
    expect(await dial(signal)).toBe('b');
    expect(dialled).toEqual(['a', 'b', 'b']);
  });

  it('throws when all have been tried, and tries all of them again', async () => {
    const dialled: string[] = [];
    const dial = dialInTurn(['a', 'b'], (address) => {
      dialled.push(address);
      return Promise.reject(new Error(address));
    });
    await expect(dial(signal)).rejects.toThrow('b');
    await expect(dial(signal)).rejects.toThrow('b');
    expect(dialled).toEqual(['a', 'b', 'a', 'b']);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const dial = dialInTurn(['a', 'b'], (address) => {
      stop.abort(new Error('stopped'));
      return Promise.reject(new Error(address));
    });
    await expect(dial(stop.signal)).rejects.toThrow('stopped');
  });
});
