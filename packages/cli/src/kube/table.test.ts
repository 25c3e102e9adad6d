import { describe, expect, it } from 'vitest';
import { printTable } from './table.ts';

describe('a printed table', () => {
  it('looks as kubectl prints it: aligned, upper-case titles, no wide columns', () => {
    const columnDefinitions = [
      { name: 'Name', priority: 0 },
      { name: 'Restarts', priority: 0 },
      { name: 'IP', priority: 1 },
      { name: 'Age', priority: 0 },
    ];
    const rows = [
      { cells: ['hello', 0, '172.17.0.2', '5s'] },
      { cells: ['a-longer-name', 12, null, null] },
    ];
    expect(printTable({ columnDefinitions, rows })).toBe(
      [
        'NAME            RESTARTS   AGE',
        'hello           0          5s',
        'a-longer-name   12',
      ].join('\n'),
    );
  });

  it('keeps each row on its line, and what objects say from the terminal', () => {
    const columnDefinitions = [{ name: 'Reason', priority: 0 }];
    const rows = [{ cells: ['Failed\nfake   row'] }, { cells: ['\u001b]0;owned\u0007'] }];
    expect(printTable({ columnDefinitions, rows })).toBe(
      'REASON\nFailed\\nfake   row\n\\u001b]0;owned\\u0007',
    );
  });
});
