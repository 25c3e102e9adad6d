import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unifiedDiff } from './unified-diff.ts';

const lines = (text: string): string[] => text.split('');

describe('unifiedDiff', () => {
  it('shows a change with three lines around it', () => {
    expect(unifiedDiff(lines('abcdefghij'), lines('abcdXfghij'))).toBe(
      '@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+X\n f\n g\n h\n',
    );
  });

  it('shows changes that are far apart each by itself', () => {
    expect(unifiedDiff(lines('abcdefghijkl'), lines('Xbcdefghijkl!'))).toBe(
      '@@ -1,4 +1,4 @@\n-a\n+X\n b\n c\n d\n@@ -10,3 +10,4 @@\n j\n k\n l\n+!\n',
    );
  });

  it('says nothing of equal texts', () => {
    expect(unifiedDiff(lines('abc'), lines('abc'))).toBe('');
  });

  it('can be applied', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(patched(before, unifiedDiff(before, after))).toEqual(after);
      }),
    );
  });
});

/** Applies a diff as `patch` does. */
function patched(before: readonly string[], diff: string): string[] {
  const result: string[] = [];
  let next = 0;
  for (const line of diff.split('\n').slice(0, -1)) {
    const start = /^@@ -(\d+),(\d+)/.exec(line);
    if (start) {
      const from = Number(start[1]) - 1;
      result.push(...before.slice(next, from));
      next = Math.max(next, from);
    } else {
      if (line[0] !== '-') result.push(line.slice(1));
      if (line[0] !== '+') expect(before[next++]).toBe(line.slice(1));
    }
  }
  return [...result, ...before.slice(next)];
}
