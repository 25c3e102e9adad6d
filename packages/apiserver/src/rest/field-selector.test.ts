import { describe, expect, it } from 'vitest';
import { matchesFields, parseFieldSelector } from './field-selector.ts';

const known = ['metadata.name', 'metadata.namespace', 'status.phase'];
const selects = (selector: string, fields: Record<string, string>): boolean =>
  matchesFields(parseFieldSelector(selector, known), fields);

describe('field selector', () => {
  it.each([
    ['', {}, true],
    ['metadata.name=a', { 'metadata.name': 'a' }, true],
    ['metadata.name==a', { 'metadata.name': 'b' }, false],
    [
      'metadata.name!=a,status.phase=Running',
      { 'metadata.name': 'b', 'status.phase': 'Running' },
      true,
    ],
    ['metadata.name=a\\,b', { 'metadata.name': 'a,b' }, true],
    ['metadata.name=a\\=b', { 'metadata.name': 'a=b' }, true],
    ['status.phase=', { 'status.phase': '' }, true],
  ])('%s selects %j: %s', (selector, fields, expected) => {
    expect(selects(selector, fields as Record<string, string>)).toBe(expected);
  });

  it('refuses a field that the resource does not select by', () => {
    expect(() => parseFieldSelector('data.i=1', known.slice(0, 2))).toThrow(
      '"data.i" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
    expect(() => parseFieldSelector('data.i=1', known)).toThrow(
      'field label not supported: data.i',
    );
  });

  it('refuses what is no selector', () => {
    expect(() => parseFieldSelector('metadata.name', known)).toThrow("can't understand");
  });
});
