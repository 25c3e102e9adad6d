import { copyFile, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@skerry/shared/clock';

/** Largest log of one daemon; as much again is kept of what came before. */
const maxLogBytes = 16 * 1024 * 1024;
const everyMs = 10_000;

/**
 * Keeps the logs in `directory` bounded until `signal` aborts. They are written by other processes, in
 * append mode, so one that has grown too large is copied to `<name>.1` and emptied in place.
 */
export async function boundLogs(
  directory: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    for (const name of await readdir(directory))
      if (name.endsWith('.log')) await bound(join(directory, name));
    await clock.sleep(everyMs, signal);
  }
}

async function bound(path: string): Promise<void> {
  const { size } = await stat(path);
  if (size <= maxLogBytes) return;
  await copyFile(path, `${path}.1`);
  await truncate(path);
}
