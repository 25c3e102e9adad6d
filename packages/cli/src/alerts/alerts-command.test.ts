import { runProgram } from '@skerry/shared/command-line';
import { UsageError } from '@skerry/shared/errors';
import { describe, expect, it } from 'vitest';
import { program } from '../program.ts';
import { inOrder, type AlertLine } from './alert-line.ts';
import { matchersOf } from './alerts-command.ts';

const line = (name: string, more: Partial<AlertLine>): AlertLine => ({
  ...{ name, severity: 'warning', state: 'firing', node: 'n', rule: 'r', message: '' },
  ...more,
});

describe('skerry alerts', () => {
  it('shows what fires first, worst and longest first', () => {
    const lines = [
      line('young', { startsAt: 9 }),
      line('over', { severity: 'critical', state: 'resolved', startsAt: 1 }),
      line('old', { startsAt: 2 }),
      line('worst', { severity: 'critical', startsAt: 9 }),
    ];
    expect(inOrder(lines).map(({ name }) => name)).toEqual(['worst', 'old', 'young', 'over']);
  });

  it('takes labels with values', () => {
    expect(matchersOf(['alertname=a', 'pod=x=y'])).toEqual({ alertname: 'a', pod: 'x=y' });
  });

  it.each([
    [['alerts', 'silence'], /which alerts/],
    [['alerts', 'silence', 'a'], /a is not LABEL=VALUE/],
    [['alerts', 'silence', 'a=b', '--for', 'noon'], /noon/],
    [['alerts', 'unsilence'], /name of one silence/],
    [['alerts', 'hush'], /hush is neither/],
    [['alerts', '--socket', 'a', '--kubeconfig', 'b'], /exclude each other/],
  ])('says of %j what is wrong', async (words, why) => {
    const refused = runProgram(program, words);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(why);
  });
});
