import { UsageError } from '@skerry/shared/errors';
import { describe, expect, it } from 'vitest';
import { runProgram } from '@skerry/shared/command-line';
import { program } from '../program.ts';
import { spanMs } from './device-command.ts';

describe('skerry device', () => {
  it('takes spans with a unit', () => {
    expect(['90s', '15m', '1h', '7d'].map(spanMs)).toEqual([9e4, 9e5, 3.6e6, 6.048e8]);
    for (const odd of ['', '1', 'h', '1w', '-1h']) expect(() => spanMs(odd)).toThrow(UsageError);
  });

  it.each([
    [['device'], /verb/],
    [['device', 'get'], /name of a device/],
    [['device', 'get', 'a/b/c'], /neither name nor/],
    [['device', 'history', 'thermo'], /name of a property/],
    [['device', 'set', 'thermo', 'setpoint'], /a value is missing/],
    [['device', 'call', 'thermo', 'heat'], /a method, one of its properties/],
    [['device', 'call', 'thermo', 'heat', 'a', 'b', 'c'], /a method, one of its properties/],
    [['device', 'history', 'thermo', 't', '--limit', '0'], /--limit 0/],
    [['device', 'history', 'thermo', 't', '--since', 'noon'], /noon/],
    [
      ['device', 'history', 'thermo', 't', '--mqtt', 'mqtt://a', '--hub', 'b:1'],
      /--mqtt and --hub exclude each other/,
    ],
  ])('says of %j what is wrong', async (words, why) => {
    const refused = runProgram(program, words);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(why);
  });
});
