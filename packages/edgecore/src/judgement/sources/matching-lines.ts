import { createContext, Script } from 'node:vm';
import { messageOf } from '@skerry/shared/errors';
import { MalformedJudgement } from '../fields.ts';
import { CannotSample } from './source.ts';

/** Of a line, so many characters are looked at. */
export const maxLineLength = 4_096;
/** For all lines of one sample, milliseconds: a pattern that backtracks for ever must not stop the agent. */
const patienceMs = 1_000;

/**
 * The lines that a pattern matches, in their order. Throws CannotSample where that takes too long, and from
 * then on without trying again.
 */
export type Matcher = (lines: readonly string[]) => string[];

/** Throws MalformedJudgement unless it is a regular expression. */
export function matcherOf(pattern: string, path: string): Matcher {
  try {
    new RegExp(pattern, 'u');
  } catch (error) {
    throw new MalformedJudgement(`${path}: ${messageOf(error)}`);
  }
  const script = new Script('lines.filter((line) => expression.test(line))');
  let isEndless = false;
  return (lines) => {
    if (isEndless) throw endless(pattern);
    if (lines.length === 0) return [];
    const cut = lines.map((line) => line.slice(0, maxLineLength));
    const context = createContext({ lines: cut, expression: new RegExp(pattern, 'u') });
    try {
      return [...(script.runInContext(context, { timeout: patienceMs }) as string[])];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== timedOut) throw error;
      isEndless = true;
      throw endless(pattern);
    }
  };
}

const timedOut = 'ERR_SCRIPT_EXECUTION_TIMEOUT';

function endless(pattern: string): CannotSample {
  return new CannotSample(`the pattern ${pattern} takes too long: it backtracks too much`);
}
