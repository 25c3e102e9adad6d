import { describe, expect, it } from 'vitest';
import { StatusError } from '../status-error.ts';
import { matchesLabels, parseLabelSelector } from './label-selector.ts';

const selects = (selector: string, labels: Record<string, string>): boolean =>
  matchesLabels(parseLabelSelector(selector), labels);

describe('label selector', () => {
  it.each([
    ['', {}, true],
    ['a=1', { a: '1' }, true],
    ['a==1', { a: '2' }, false],
    ['a = 1 , b = 2', { a: '1', b: '2' }, true],
    ['a!=1', {}, true],
    ['a!=1', { a: '1' }, false],
    ['a', { a: '' }, true],
    ['!a', { a: '' }, false],
    ['! a,b', { b: 'x' }, true],
    ['a in (1,2)', { a: '2' }, true],
    ['a in (1, 2)', {}, false],
    ['a notin (1,2)', {}, true],
    ['a notin (1,2)', { a: '1' }, false],
    ['a=', { a: '' }, true],
    ['a=', { a: '1' }, false],
    ['a>5', { a: '6' }, true],
    ['a>5', {}, false],
    ['a<5', { a: 'x' }, false],
    ['example.com/role=db', { 'example.com/role': 'db' }, true],
    ['in in (in)', { in: 'in' }, true],
  ])('%s selects %j: %s', (selector, labels, expected) => {
    expect(selects(selector, labels as Record<string, string>)).toBe(expected);
  });

  it.each(['===', 'a=b=c', 'a in', 'a in (', 'a in (b', 'a b', ',', '-a', 'a=!', 'a>x', '!'])(
    'refuses %s',
    (selector) => {
      expect(() => parseLabelSelector(selector)).toThrow(StatusError);
    },
  );
});
