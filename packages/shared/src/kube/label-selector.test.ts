import { describe, expect, it } from 'vitest';
import { holds, selects } from './label-selector.ts';

const labels = { app: 'web', cores: '8', size: '2.5', big: '9007199254740993' };

describe('a requirement of labels', () => {
  it.each([
    ['app', 'In', ['web', 'db'], true],
    ['app', 'In', ['db'], false],
    ['none', 'In', [''], false],
    ['app', 'NotIn', ['web'], false],
    ['none', 'NotIn', ['web'], true],
    ['app', 'Exists', [], true],
    ['none', 'Exists', [], false],
    ['app', 'DoesNotExist', [], false],
    ['none', 'DoesNotExist', [], true],
    ['constructor', 'Exists', [], false],
    ['constructor', 'DoesNotExist', [], true],
    ['cores', 'Gt', ['7'], true],
    ['cores', 'Gt', ['8'], false],
    ['cores', 'Lt', ['+9'], true],
    ['cores', 'Lt', ['-9'], false],
    ['big', 'Gt', ['9007199254740992'], true],
    ['app', 'Resembles', ['web'], false],
  ])('%s %s %j: %s', (key, operator, values, is) => {
    expect(holds({ key, operator, values }, labels)).toBe(is);
  });

  it.each([
    ['size', '2'],
    ['app', '2'],
    ['none', '-1'],
    ['cores', '7.5'],
    ['cores', ''],
    ['cores', '1e0'],
  ])('compares whole numbers alone: %s, %j', (key, bound) => {
    expect(holds({ key, operator: 'Gt', values: [bound] }, labels)).toBe(false);
    expect(holds({ key, operator: 'Lt', values: [bound] }, labels)).toBe(false);
  });
});

describe('a selector of labels', () => {
  it('selects what fulfils all of it', () => {
    const matchExpressions = [{ key: 'cores', operator: 'Exists' }];
    const isMeant = selects({ matchLabels: { app: 'web' }, matchExpressions });
    expect(isMeant(labels)).toBe(true);
    expect(isMeant({ app: 'web' })).toBe(false);
    expect(isMeant({ cores: '8' })).toBe(false);
  });

  it('selects everything when it is empty, and nothing when there is none', () => {
    expect(selects({})(labels)).toBe(true);
    expect(selects(undefined)(labels)).toBe(false);
  });
});
