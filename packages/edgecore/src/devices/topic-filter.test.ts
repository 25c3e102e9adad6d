import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TopicIndex, selects, topicProblem } from './topic-filter.ts';

describe('topic filters', () => {
  it.each([
    ['a/b', 'a/b', true],
    ['a/b', 'a/b/c', false],
    ['a/+', 'a/b', true],
    ['a/+', 'a', false],
    ['a/+', 'a/', true],
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['#', 'a/b', true],
    ['#', '$SYS/a', false],
    ['+/a', '$SYS/a', false],
    ['$hw/#', '$hw/a', true],
    ['+/+', '/a', true],
    ['+', '/a', false],
    ['a//b', 'a//b', true],
  ])('%s and %s: %s', (filter, topic, selected) => {
    expect(selects(filter, topic)).toBe(selected);
  });

  it('refuses to publish where a subscriber could not tell topics apart', () => {
    expect(topicProblem('plant/thermo')).toBeUndefined();
    expect(topicProblem('')).toBe('is empty');
    expect(topicProblem('plant/+/reading')).toBe('holds a wildcard');
    expect(topicProblem('a\0b')).toBe('holds a NUL character');
    expect(topicProblem('é'.repeat(32_768))).toBe('is longer than 65535 bytes');
  });
});

describe('topic index', () => {
  it('selects exactly the entries whose filter selects the topic', () => {
    const level = fc.constantFrom('a', 'b', '$s', '+');
    const filter = fc
      .tuple(fc.array(level, { minLength: 1, maxLength: 3 }), fc.boolean())
      .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/'));
    const topic = fc
      .array(fc.constantFrom('a', 'b', 'c', '$s'), { minLength: 1, maxLength: 4 })
      .map((levels) => levels.join('/'));
    fc.assert(
      fc.property(fc.array(filter), topic, (filters, sought) => {
        const index = new TopicIndex<number>();
        for (const [at, one] of filters.entries()) index.add(one, at);
        const expected = filters.flatMap((one, at) => (selects(one, sought) ? [at] : []));
        expect(index.select(sought).toSorted()).toEqual(expected.sort());
      }),
    );
  });

  it('keeps its patterns when the last topic without wildcards goes', () => {
    const index = new TopicIndex<string>();
    index.add('a/+', 'pattern');
    index.add('a/b', 'exact');
    expect(index.remove('a/b', 'exact')).toBe(true);
    expect([index.select('a/b'), index.filters()]).toEqual([['pattern'], ['a/+']]);
  });

  it('tells when the last entry of a filter goes', () => {
    const index = new TopicIndex<string>();
    index.add('a/#', 'one');
    index.add('a/#', 'two');
    expect(index.remove('a/#', 'one')).toBe(false);
    expect(index.remove('a/#', 'one')).toBe(false);
    expect(index.remove('a/#', 'two')).toBe(true);
    expect(index.remove('a/#', 'two')).toBe(false);
    expect(index.select('a/b')).toEqual([]);
  });
});
