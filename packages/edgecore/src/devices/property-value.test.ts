import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fromJson,
  maxValueBytes,
  misfit,
  propertyType,
  propertyTypes,
  sameValue,
  toJson,
} from './property-value.ts';

describe('property values', () => {
  it.each([
    ['INT', '21', undefined],
    ['INT', '-3', undefined],
    ['INT', '21.4', 'not an integer'],
    ['FLOAT', '21.4', undefined],
    ['FLOAT', '1e3', undefined],
    ['FLOAT', ' ', 'not a number'],
    ['DOUBLE', 'warm', 'not a number'],
    ['DOUBLE', 'Infinity', 'not a number'],
    ['BOOLEAN', 'TRUE', undefined],
    ['BOOLEAN', 'yes', 'neither true nor false'],
    ['STRING', 'größer', undefined],
    ['BYTES', '', undefined],
  ] as const)('says of a %s %j: %s', (type, value, reason) => {
    expect(misfit({ type }, value)).toBe(reason);
  });

  it.each([
    ['INT', '9007199254740993', undefined],
    ['INT', '9007199254740994', 'above the maximum 9007199254740993'],
    ['FLOAT', '-0.5', 'below the minimum 0'],
    ['FLOAT', '0', undefined],
    ['STRING', '-1', undefined],
  ] as const)('says of a %s %j between 0 and 2^53 + 1: %s', (type, value, reason) => {
    expect(misfit({ type, minimum: '0', maximum: '9007199254740993' }, value)).toBe(reason);
  });

  it('takes no bound from what is not a number', () => {
    expect(misfit({ type: 'INT', minimum: '', maximum: 'warm' }, '5')).toBeUndefined();
  });

  it('measures a value in bytes of UTF-8, not in characters', () => {
    expect(misfit({ type: 'STRING' }, 'é'.repeat(maxValueBytes / 2))).toBeUndefined();
    expect(misfit({ type: 'STRING' }, 'é'.repeat(maxValueBytes / 2 + 1))).toBe(
      'longer than 4096 bytes',
    );
  });

  it('compares by meaning where the type has one', () => {
    expect(sameValue('FLOAT', '25', '25.0')).toBe(true);
    expect(sameValue('STRING', '25', '25.0')).toBe(false);
    expect(sameValue('BOOLEAN', 'true', 'TRUE')).toBe(true);
    expect(sameValue('INT', '9007199254740993', '9007199254740992')).toBe(false);
  });

  it('reads a type it does not know as text', () => {
    expect(propertyType('float')).toBe('FLOAT');
    expect(propertyType('COMPLEX')).toBe('STRING');
    expect(propertyType(undefined)).toBe('STRING');
  });

  it('gives back in JSON what it took out of JSON', () => {
    const scalar = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
    fc.assert(
      fc.property(scalar, (value) => {
        expect(toJson('DOUBLE', fromJson(value) ?? '')).toBe(Number(String(value)));
      }),
    );
    expect(toJson('BOOLEAN', 'True')).toBe(true);
    expect(toJson('STRING', '25')).toBe('25');
    expect(fromJson(null)).toBeUndefined();
    expect(fromJson({ a: 1 })).toBe('{"a":1}');
  });

  it('calls every value the same as itself', () => {
    fc.assert(
      fc.property(fc.constantFrom(...propertyTypes), fc.string(), (type, value) => {
        expect(sameValue(type, value, value)).toBe(true);
      }),
    );
  });
});
