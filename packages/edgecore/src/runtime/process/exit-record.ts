import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { exitReason, type Exited } from '../observed.ts';

/** A line of the shim: how, with which number, at which time. */
const form = /^(exit|signal|error) (\d+) (\d+)\.(\d{9})$/;

/** Reads the exit file of the shim; undefined when it is cut short. */
export function parseExit(text: string, startedAt: number, program: string): Exited | undefined {
  const [, how, number, seconds, nanoseconds] = form.exec(text.trim()) ?? [];
  if (how === undefined || nanoseconds === undefined) return undefined;
  const finishedAt = Number(seconds) * 1000 + Math.floor(Number(nanoseconds) / 1e6);
  const code = Number(number);
  if (how === 'error') return startError(program, code, finishedAt);
  const exitCode = how === 'signal' ? 128 + code : code;
  return {
    phase: 'exited',
    startedAt,
    finishedAt,
    exitCode,
    reason: exitReason(exitCode),
  };
}

/** The sentence a container engine has for the same failure. */
export function startErrorMessage(program: string, errno: number): string {
  const name = JSON.stringify(program);
  if (errno === constants.errno.ENOENT && !program.includes('/'))
    return `exec: ${name}: executable file not found in $PATH`;
  const [, words] = getSystemErrorMap().get(-errno) ?? ['', `error ${errno}`];
  return `exec: ${name}: ${words}`;
}

function startError(program: string, errno: number, finishedAt: number): Exited {
  return {
    phase: 'exited',
    startedAt: 0,
    finishedAt,
    exitCode: errno === constants.errno.ENOENT ? 127 : 126,
    reason: 'StartError',
    message: startErrorMessage(program, errno),
  };
}
