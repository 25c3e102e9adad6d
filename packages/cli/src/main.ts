import { runProgram } from '@skerry/shared/command-line';
import { codeOf, messageOf } from '@skerry/shared/errors';
import { printable } from '@skerry/shared/printable';
import { exitCodeOf } from '@skerry/shared/process';
import { program } from './program.ts';

process.stdout.on('error', (error: unknown) => {
  if (codeOf(error) !== 'EPIPE') throw error;
  process.exit(0); // `skerry logs -f web | head`: whoever reads has read enough
});
try {
  await runProgram(program, process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${printable(messageOf(error))}\n`);
  process.exitCode = exitCodeOf(error);
}
