import { readFile } from 'node:fs/promises';
import { messageOf, Misconfiguration } from '@skerry/shared/errors';

/** A file that the configuration names. Throws Misconfiguration when it cannot be read. */
export function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new Misconfiguration(`failed to read ${path}: ${messageOf(error)}`, { cause: error });
  });
}
