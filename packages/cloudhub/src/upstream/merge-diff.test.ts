import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergePatch } from '../kube/testing/fake-kube.ts';
import { mergeDiff } from './merge-diff.ts';

const leaf = fc.oneof(
  fc.integer(),
  fc.string(),
  fc.boolean(),
  fc.array(fc.integer(), { maxLength: 3 }),
);
const fields = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> =>
  fc.dictionary(fc.constantFrom('a', 'b', 'c'), of, { maxKeys: 3 });
const value = fields(fc.oneof(leaf, fields(fc.oneof(leaf, fields(leaf)))));

describe('mergeDiff', () => {
  it('is the patch that leads from one to the other', () => {
    fc.assert(
      fc.property(value, value, (before, after) => {
        expect(mergePatch(before, mergeDiff(before, after) ?? {})).toEqual(after);
      }),
    );
  });

  it('is nothing when there is no difference', () => {
    fc.assert(
      fc.property(value, (same) => {
        expect(mergeDiff(same, structuredClone(same))).toBeUndefined();
      }),
    );
  });

  it('says only what differs', () => {
    const before = { phase: 'Running', podIP: '10.0.0.1', list: [{ a: 1 }], deep: { x: 1, y: 2 } };
    const after = { phase: 'Failed', list: [{ a: 1 }], deep: { x: 1, y: 3 } };
    expect(mergeDiff(before, after)).toEqual({ phase: 'Failed', podIP: null, deep: { y: 3 } });
  });

  it('takes null for absence', () => {
    expect(mergeDiff({ a: 1 }, { a: null, b: null })).toEqual({ a: null });
    expect(mergeDiff({}, { a: null })).toBeUndefined();
    expect(mergeDiff({ a: [{ b: 1 }] }, { a: [{ b: 1, c: null }] })).toBeUndefined();
  });
});
