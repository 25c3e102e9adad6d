import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { jsonPath } from './json-path.ts';

const device: Json = {
  metadata: { name: 'thermo', annotations: { 'example.com/a.b': 'x' } },
  status: {
    conditions: [
      { type: 'Ready', status: 'True', weight: 3 },
      { type: 'Synced', status: 'False', weight: 1 },
    ],
    sizes: [1, 2, 3],
  },
};

describe('jsonPath', () => {
  it.each<[string, Json[]]>([
    ['.metadata.name', ['thermo']],
    ['{.metadata.name}', ['thermo']],
    ['$.metadata.name', ['thermo']],
    ['.metadata.annotations.example\\.com/a\\.b', ['x']],
    [".metadata.annotations['example.com/a.b']", ['x']],
    ['.status.sizes[0]', [1]],
    ['.status.sizes[-1]', [3]],
    ['.status.sizes[1:]', [2, 3]],
    ['.status.sizes[*]', [1, 2, 3]],
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    [".status.conditions[?(@.type=='Synced')].status", ['False']],
    ['.status.conditions[?(@.weight>2)].type', ['Ready']],
    ['.status.conditions[?(@.type != "Ready")].type', ['Synced']],
    ['.status.conditions[?(@.weight)].weight', [3, 1]],
    ['.status.nothing.here', []],
    ['.metadata.name.toString', []],
    ['.', [device]],
  ])('%s', (path, found) => {
    expect(jsonPath(path)?.(device)).toEqual(found);
  });

  it.each(['.a[', 'a.b', '.a[?(broken)]', '.a..b', '.a[x]'])('does not read %j', (text) => {
    expect(jsonPath(text)).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (text, document) => {
        expect(() => jsonPath(text)?.(document as Json)).not.toThrow();
        expect(() => jsonPath(`.${text}`)?.(document as Json)).not.toThrow();
      }),
    );
  });
});
