import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalQuantity, formatQuantity, parseQuantity } from './quantity.ts';

describe('canonicalQuantity', () => {
  it.each([
    ['50m', '50m'],
    ['1000m', '1'],
    ['0.5', '500m'],
    ['1.5', '1500m'],
    ['64Mi', '64Mi'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['100Ki', '100Ki'],
    ['1000', '1k'],
    ['1500', '1500'],
    ['3800m', '3800m'],
    ['1e3', '1e3'],
    ['0', '0'],
    ['0Mi', '0'],
    ['.5', '500m'],
    ['5.', '5'],
    ['+1', '1'],
    ['-1', '-1'],
    ['100n', '100n'],
    ['0.1n', '1n'],
    ['8Gi', '8Gi'],
    ['1E', '1E'],
    ['500Mi', '500Mi'],
    ['1000000Ki', '1000000Ki'],
    ['1Ei', '1Ei'],
  ])('writes %s as %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  it.each(['lots', '', '.', '1mi', '1 Gi', '--1', '1e', 'Gi', '1KiB', '0x10'])(
    'does not take %j for a quantity',
    (text) => {
      expect(parseQuantity(text)).toBeUndefined();
    },
  );

  it('writes what it reads back as the same amount', () => {
    const format = fc.constantFrom('DecimalSI', 'BinarySI', 'DecimalExponent');
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), format, (nanos, form) => {
        expect(parseQuantity(formatQuantity({ nanos, format: form }))?.nanos).toBe(nanos);
      }),
    );
  });
});
