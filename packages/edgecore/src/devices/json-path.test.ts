import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedJsonPath, documentWith, parseJsonPath, valueAtPath } from './json-path.ts';

describe('JSON paths', () => {
  it.each([
    ['$', []],
    ['$.temperature', ['temperature']],
    ["$['room 1'].t[0]", ['room 1', 't', 0]],
    ['$["a.b"][12]', ['a.b', 12]],
  ])('reads %s', (text, path) => {
    expect(parseJsonPath(text)).toEqual(path);
  });

  it.each([
    '',
    'temperature',
    '$.',
    '$..t',
    '$[*]',
    '$[?(@.a)]',
    '$[0:2]',
    '$[',
    '$.a b',
    '$[1234]',
  ])('refuses %j', (text) => {
    expect(() => parseJsonPath(text)).toThrow(MalformedJsonPath);
  });

  it('finds nothing where there is nothing', () => {
    const document = { list: [1, 2], text: 'x', nothing: null };
    for (const text of [
      '$.other',
      '$.list[2]',
      '$.list.length',
      '$.text[0]',
      '$.nothing.a',
      '$.toString',
    ])
      expect(valueAtPath(document, parseJsonPath(text))).toBeUndefined();
    expect(valueAtPath(document, parseJsonPath('$.list[1]'))).toBe(2);
  });

  it('finds a value in the document made to hold it', () => {
    const key = fc.oneof(fc.string(), fc.nat(20));
    fc.assert(
      fc.property(fc.array(key), fc.integer(), (path, value) => {
        expect(valueAtPath(documentWith(path, value), path)).toBe(value);
      }),
    );
  });
});
