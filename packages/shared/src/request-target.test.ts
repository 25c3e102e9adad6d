import { expect, it } from 'vitest';
import { requestTarget } from './request-target.ts';

it.each([
  [undefined, '/', ''],
  ['/a/b%2f?c=d', '/a/b%2f', 'c=d'],
  ['/a/../b', '/a/../b', ''],
  ['//', '//', ''],
  ['//[?c', '//[', 'c='],
  ['http://host/a?c=d', '/a', 'c=d'],
])('reads %s', (target, pathname, query) => {
  const read = requestTarget(target);
  expect([read?.pathname, read?.query.toString()]).toEqual([pathname, query]);
});

it.each(['*', 'http://', 'http://a:b/', 'http://[/'])('takes %s for no target', (target) => {
  expect(requestTarget(target)).toBeUndefined();
});
