import { describe, expect, it } from 'vitest';
import { allows, readRule, uncovered, type PolicyRule } from './policy-rule.ts';

const rule = (
  verbs: string[],
  apiGroups: string[],
  resources: string[],
  names: string[] = [],
): PolicyRule => readRule({ verbs, apiGroups, resources, resourceNames: names });
const about = (verb: string, resource: string, name = '', group = '') => ({
  ...{ verb, group, resource, name },
  namespace: 'default',
});

describe('a rule', () => {
  it.each([
    ['its verb', rule(['get'], [''], ['pods']), about('get', 'pods'), true],
    ['another verb', rule(['get'], [''], ['pods']), about('list', 'pods'), false],
    ['any verb', rule(['*'], [''], ['pods']), about('list', 'pods'), true],
    ['another group', rule(['get'], ['apps'], ['pods']), about('get', 'pods'), false],
    ['a part it does not name', rule(['get'], [''], ['pods']), about('get', 'pods/log'), false],
    ['a part of everything', rule(['get'], [''], ['*/scale']), about('get', 'pods/scale'), true],
    ['everything', rule(['get'], ['*'], ['*']), about('get', 'pods/log', 'a', 'apps'), true],
    ['its name', rule(['get'], [''], ['pods'], ['a']), about('get', 'pods', 'a'), true],
    ['another name', rule(['get'], [''], ['pods'], ['a']), about('get', 'pods', 'b'), false],
    ['no name', rule(['list'], [''], ['pods'], ['a']), about('list', 'pods'), false],
  ])('says of %s', (_what, given, wanted, allowed) => {
    expect(allows(given, wanted)).toBe(allowed);
  });

  it.each([
    ['/api', true],
    ['/api/v1', false],
    ['/healthz/etcd', true],
    ['/healthz', false],
  ])('says of the path %s', (path, allowed) => {
    const paths = readRule({ verbs: ['get'], nonResourceURLs: ['/api', '/healthz/*'] });
    expect(allows(paths, { verb: 'get', path })).toBe(allowed);
  });
});

describe('what is not covered', () => {
  it('is nothing of what one has oneself, however it is put', () => {
    const held = [rule(['get', 'list'], [''], ['pods']), rule(['get'], [''], ['secrets'])];
    expect(uncovered(held, [rule(['get'], [''], ['pods', 'secrets'])])).toEqual([]);
  });

  it('is every single thing that one does not have', () => {
    const held = [rule(['get'], [''], ['pods'])];
    expect(uncovered(held, [rule(['get', 'delete'], [''], ['pods', 'nodes'])])).toEqual([
      rule(['get'], [''], ['nodes']),
      rule(['delete'], [''], ['pods']),
      rule(['delete'], [''], ['nodes']),
    ]);
  });

  it('is all of a resource where one has some of its names', () => {
    const held = [rule(['get'], [''], ['pods'], ['a'])];
    expect(uncovered(held, [rule(['get'], [''], ['pods'])])).toHaveLength(1);
    expect(uncovered(held, [rule(['get'], [''], ['pods'], ['a'])])).toEqual([]);
  });
});
