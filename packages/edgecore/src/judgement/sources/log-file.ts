import { open, type FileHandle } from 'node:fs/promises';
import type { Clock } from '@skerry/shared/clock';
import { codeOf } from '@skerry/shared/errors';
import { maxLineLength } from './matching-lines.ts';
import { CannotSample } from './source.ts';

/** Read at one time at most; of what is written faster, the newest. */
const maxBytes = 1024 * 1024;
/** Lines that are remembered; of more, the newest. */
const maxLines = 10_000;

/** The lines that were written since `since`, milliseconds since the epoch. */
export type LinesSince = (since: number, signal: AbortSignal) => Promise<string[]>;

interface Line {
  readonly text: string;
  readonly at: number;
}

/**
 * A file that grows and is rotated. A line counts as of the RFC 3339 time that it begins with; without one,
 * as of when it was first seen, and what was there at the first look as of the file's last change.
 */
export function logFile(path: string, clock: Clock): LinesSince {
  let seen: { readonly inode: number; readonly offset: number } | undefined;
  let begun = '';
  let lines: Line[] = [];
  return async (since) => {
    const file = await openFile(path);
    try {
      const { ino, size, mtimeMs } = await file.stat();
      const isSame = seen !== undefined && seen.inode === ino && seen.offset <= size;
      const from = Math.max(isSame && seen ? seen.offset : 0, size - maxBytes);
      if (!isSame) begun = '';
      const text = begun + (await readFrom(file, from, size));
      const parts = text.split('\n');
      begun = (parts.pop() ?? '').slice(0, maxLineLength);
      const at = seen === undefined ? mtimeMs : clock.now();
      lines = [...lines, ...parts.map((line) => ({ text: line, at: timeOf(line) ?? at }))];
      lines = lines.filter((line) => line.at > since).slice(-maxLines);
      seen = { inode: ino, offset: size };
    } finally {
      await file.close();
    }
    return lines.map((line) => line.text);
  };
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path);
  } catch (error) {
    throw new CannotSample(`${path} cannot be read: ${codeOf(error)}`, { cause: error });
  }
}

async function readFrom(file: FileHandle, from: number, to: number): Promise<string> {
  const buffer = Buffer.alloc(to - from);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
  return buffer.toString('utf8', 0, bytesRead);
}

/** The time a line begins with, perhaps in brackets. */
function timeOf(line: string): number | undefined {
  const [, text] =
    /^\[?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d))/.exec(line) ?? [];
  const at = text === undefined ? Number.NaN : Date.parse(text.replace(',', '.'));
  return Number.isNaN(at) ? undefined : at;
}
