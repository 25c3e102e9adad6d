import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const clockTicksPerSecond = 100;

/** What the kernel says of a process's memory, bytes: all of it, and what no file stands behind. */
export async function memoryOf(
  pid: number | undefined,
): Promise<{ readonly rss: number; readonly anonymous: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const bytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1_024;
  return { rss: bytes('VmRSS'), anonymous: bytes('RssAnon') };
}

/** CPU time that a process has used, seconds: utime and stime, fields 14 and 15 of proc(5). */
export async function cpuSecondsOf(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond;
}

/** Share of one CPU that a process uses during the next `windowMs`, percent. */
export async function cpuPercentOf(pid: number | undefined, windowMs: number): Promise<number> {
  const before = await cpuSecondsOf(pid);
  await sleep(windowMs);
  return (((await cpuSecondsOf(pid)) - before) * 100_000) / windowMs;
}
