import { runProgram } from '@skerry/shared/command-line';
import { messageOf } from '@skerry/shared/errors';
import { printable } from '@skerry/shared/printable';
import { exitCodeOf } from '@skerry/shared/process';
import { program } from './program.ts';

try {
  await runProgram(program, process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${printable(messageOf(error))}\n`);
  process.exitCode = exitCodeOf(error);
}
