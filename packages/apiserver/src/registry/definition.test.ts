import { expect, it } from 'vitest';
import { byVersionPriority } from './definition.ts';

it('prefers stable versions to beta to alpha, newer to older, and names that are no versions last', () => {
  const inOrder = [
    'v10',
    'v2',
    'v1',
    'v11beta2',
    'v10beta3',
    'v3beta1',
    'v12alpha1',
    'v11alpha2',
    'foo1',
    'foo10',
  ];
  expect(inOrder.toReversed().sort(byVersionPriority)).toEqual(inOrder);
});
