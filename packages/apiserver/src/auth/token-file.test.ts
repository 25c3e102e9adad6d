import { describe, expect, it } from 'vitest';
import { readTokenFile } from './token-file.ts';

describe('a file of tokens', () => {
  const known = readTokenFile(
    ['# who', 't-1,ann,1001', '', 't-2,"bo, jr",1002,"ops,system:masters"', 't-3, cy ,3,dev'].join(
      '\n',
    ),
    'tokens.csv',
  );

  it.each([
    ['t-1', { name: 'ann', uid: '1001', groups: ['system:authenticated'] }],
    [
      't-2',
      { name: 'bo, jr', uid: '1002', groups: ['ops', 'system:masters', 'system:authenticated'] },
    ],
    ['t-3', { name: 'cy', uid: '3', groups: ['dev', 'system:authenticated'] }],
  ])('says who holds %s', (token, user) => {
    expect(known.userOf(token)).toEqual(user);
  });

  it('knows nobody by another token', () => {
    expect(known.userOf('t-4')).toBeUndefined();
    expect(known.userOf('')).toBeUndefined();
  });

  it.each([
    ['a,b', 'tokens.csv:1: there must be a token, a user name and a uid'],
    ['a,b,c\n,b,c', 'tokens.csv:2: there must be a token, a user name and a uid'],
    ['a,b,c\n\na,d,e', 'tokens.csv:3: the token stands in an earlier line'],
  ])('is refused by line where it is wrong: %j', (text, message) => {
    expect(() => readTokenFile(text, 'tokens.csv')).toThrow(message);
  });
});
