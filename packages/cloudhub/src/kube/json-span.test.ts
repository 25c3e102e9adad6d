import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedJson, elements, member, members, valueEnd } from './json-span.ts';

const indent = fc.constantFrom(undefined, 1, 2, '\t');

describe('JSON spans', () => {
  it('finds every member of any object, whatever its layout', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), indent, (object, space) => {
        const json = Buffer.from(JSON.stringify(object, null, space));
        const found = [...members(json, 0)].map(({ key, start, end }) => [
          key,
          JSON.parse(json.toString('utf8', start, end)) as unknown,
        ]);
        expect(found).toEqual(Object.entries(JSON.parse(json.toString()) as object));
      }),
    );
  });

  it('finds every element of any array', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), indent, (array, space) => {
        const json = Buffer.from(JSON.stringify(array, null, space));
        const found = [...elements(json, 0)].map(({ start, end }) =>
          json.toString('utf8', start, end),
        );
        expect(found.map((text) => JSON.parse(text) as unknown)).toEqual(
          JSON.parse(json.toString()),
        );
      }),
    );
  });

  it('ends a value exactly where it ends', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = Buffer.from(JSON.stringify(value));
        const json = Buffer.concat([text, Buffer.from(',1]')]);
        expect(valueEnd(json, 0)).toBe(text.length);
      }),
    );
  });

  it('never loops or crashes on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          for (const _ of members(Buffer.from(bytes), 0));
        } catch (error) {
          expect(error instanceof MalformedJson || error instanceof SyntaxError).toBe(true);
        }
      }),
    );
  });

  it('refuses a text that breaks off', () => {
    const json = Buffer.from('{"a":{"b":[1,2');
    expect(() => member(json, 0, 'z')).toThrow(MalformedJson);
  });

  it('keeps every digit of a number no float can hold', () => {
    const json = Buffer.from('{"big":9007199254740993123}');
    const { start, end } = member(json, 0, 'big')!;
    expect(json.toString('utf8', start, end)).toBe('9007199254740993123');
  });
});
