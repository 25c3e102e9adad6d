import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@skerry/shared/clock';
import { Misconfiguration } from '@skerry/shared/errors';

/** Daemons whose parent was killed put their things away first, as on any other end. */
const patienceMs = 30_000;
const pollMs = 100;

/**
 * Resolves when no daemon of an earlier start, as noted in `logs`, is still ending. Throws
 * Misconfiguration that names one which does not.
 */
export async function awaitEndOfEarlierStart(
  logs: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const deadline = clock.monotonic() + patienceMs;
  for (;;) {
    const [alive] = await daemonsAlive(logs);
    if (alive === undefined) return;
    if (clock.monotonic() >= deadline)
      throw new Misconfiguration(`${alive} of an earlier start does not end`);
    await clock.sleep(pollMs, signal);
  }
}

async function daemonsAlive(logs: string): Promise<string[]> {
  const names = await readdir(logs).catch(() => []);
  const notes = names.filter((name) => name.endsWith('.pid'));
  const found = await Promise.all(notes.map((note) => daemonOf(join(logs, note))));
  return found.filter((daemon) => daemon !== undefined);
}

/** In words, if it lives. A number alone is no proof: another process may bear it by now. */
async function daemonOf(note: string): Promise<string | undefined> {
  const pid = (await readFile(note, 'utf8').catch(() => '')).trim();
  if (!/^\d+$/.test(pid)) return undefined;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const words = command.split('\0').join(' ').trim();
  return /edgecore|cloudhub|thermometer/.test(words) ? `process ${pid} (${words})` : undefined;
}
