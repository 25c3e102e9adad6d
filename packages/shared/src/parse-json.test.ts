import { describe, expect, it } from 'vitest';
import { parseJson } from './parse-json.ts';

describe('parseJson', () => {
  it('reads UTF-8', () => {
    expect(parseJson(new TextEncoder().encode('{"name":"Møn"}'))).toEqual({ name: 'Møn' });
  });

  it('reads no more than its bytes of a larger piece of memory', () => {
    const bytes = new TextEncoder().encode('[1,[2,3],4]');
    expect(parseJson(bytes.subarray(3, 8))).toEqual([2, 3]);
  });

  it('throws for what is not JSON', () => {
    expect(() => parseJson(new Uint8Array())).toThrow(SyntaxError);
  });
});
