import { describe, expect, it } from 'vitest';
import { OneByOne } from './one-by-one.ts';

describe('one by one', () => {
  const after = (turns: number, what: () => void): (() => Promise<void>) => {
    return async () => {
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      what();
    };
  };

  it('does things in order, however long each takes', async () => {
    const done: string[] = [];
    const tasks = new OneByOne();
    tasks.add(after(9, () => done.push('slow')));
    tasks.add(after(0, () => done.push('quick')));
    expect(done).toEqual([]);
    await tasks.done();
    expect(done).toEqual(['slow', 'quick']);
  });

  it('does nothing after a failure, and tells of it', async () => {
    const done: string[] = [];
    const tasks = new OneByOne();
    tasks.add(() => Promise.reject(new Error('no room')));
    tasks.add(after(0, () => done.push('later')));
    await expect(tasks[Symbol.asyncDispose]()).rejects.toThrow('no room');
    expect(done).toEqual([]);
  });
});
