import { describe, expect, it } from 'vitest';
import { Recent } from './recent.ts';

describe('what is remembered of late', () => {
  it('is forgotten in the order in which it was set, one for each that is too many', () => {
    const recent = new Recent<string, number>(2);
    recent.set('a', 1);
    recent.set('b', 2);
    recent.set('c', 3);
    expect(['a', 'b', 'c'].map((key) => recent.get(key))).toEqual([undefined, 2, 3]);
  });

  it('is young again once it is set again, and takes no second place', () => {
    const recent = new Recent<string, number>(2);
    recent.set('a', 1);
    recent.set('b', 2);
    recent.set('a', 3);
    recent.set('c', 4);
    expect(['a', 'b', 'c'].map((key) => recent.get(key))).toEqual([3, undefined, 4]);
  });

  it('is not kept any younger by being read', () => {
    const recent = new Recent<string, number>(2);
    recent.set('a', 1);
    recent.set('b', 2);
    recent.get('a');
    recent.set('c', 3);
    expect(recent.get('a')).toBeUndefined();
  });

  it('has its place for another once it is deleted', () => {
    const recent = new Recent<string, undefined | number>(2);
    recent.set('a', 1);
    recent.set('b', undefined);
    recent.delete('b');
    recent.set('c', 3);
    expect(['a', 'b', 'c'].map((key) => recent.get(key))).toEqual([1, undefined, 3]);
  });

  it('may have undefined for a key', () => {
    const recent = new Recent<string | undefined, number>(1);
    recent.set(undefined, 1);
    recent.set('a', 2);
    expect([recent.get(undefined), recent.get('a')]).toEqual([undefined, 2]);
  });
});
