import { runProgram } from '@skerry/shared/command-line';
import { UsageError } from '@skerry/shared/errors';
import { describe, expect, it } from 'vitest';
import { program } from '../program.ts';

describe('skerry log-level', () => {
  it.each([
    [['log-level', 'loud'], 'loud is not one of debug, info, warn, error'],
    [['log-level', 'debug', 'info'], 'debug info is not one of'],
    [['log-level', '--at', 'here'], '--at here is not a URL'],
  ])('says of %j what is wrong', async (words, why) => {
    const refused = runProgram(program, words);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(why);
  });
});
