import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { applyDefaults } from './apply-defaults.ts';
import type { Schema } from './schema.ts';

const schema: Schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: { size: { type: 'integer' }, color: { type: 'string', default: 'red' } },
    },
  },
};

describe('applyDefaults', () => {
  it('fills in what is missing, inside what is there', () => {
    expect(applyDefaults({ spec: { size: 3 } }, schema)).toEqual({
      spec: { size: 3, color: 'red' },
    });
    expect(applyDefaults({}, schema)).toEqual({});
  });

  it('replaces nulls by defaults, and drops those that are not allowed', () => {
    const node: Schema = {
      type: 'object',
      properties: {
        a: { type: 'string', default: 'x' },
        b: { type: 'string' },
        c: { type: 'string', nullable: true, default: 'y' },
      },
    };
    expect(applyDefaults({ a: null, b: null, c: null }, node)).toEqual({ a: 'x', c: null });
  });

  it('fills defaults inside defaults', () => {
    const node: Schema = {
      type: 'object',
      properties: {
        a: { type: 'object', default: {}, properties: { b: { type: 'integer', default: 1 } } },
      },
    };
    expect(applyDefaults({}, node)).toEqual({ a: { b: 1 } });
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const once = applyDefaults({ spec: value as Json }, schema);
        expect(applyDefaults(once, schema)).toEqual(once);
      }),
    );
  });
});
