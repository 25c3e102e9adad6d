import fc from 'fast-check';
import { expect, it } from 'vitest';
import { seal, unseal } from './checksum.ts';

it('gives back what was sealed for the key, and for no other', () => {
  fc.assert(
    fc.property(fc.string(), fc.uint8Array(), (key, value) => {
      expect(unseal(key, seal(key, value))).toEqual(value);
      expect(unseal(`${key}x`, seal(key, value))).toBeUndefined();
    }),
  );
});

it('notices every change of one byte, and every cut', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(), fc.integer({ min: 1, max: 255 }), (value, at, by) => {
      const changed = seal('k', value);
      changed[at % changed.length] = (changed[at % changed.length] ?? 0) ^ by;
      expect(unseal('k', changed)).toBeUndefined();
      expect(unseal('k', seal('k', value).subarray(0, 3))).toBeUndefined();
    }),
  );
});
