import { readText } from './state-dir.ts';

/** One process of one boot: a pid alone is used again. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot: field 22 of /proc/PID/stat. */
  readonly startTicks: string;
  readonly bootId: string;
}

const BOOT_ID_PATH = '/proc/sys/kernel/random/boot_id';

export async function currentBootId(): Promise<string> {
  return (await readText(BOOT_ID_PATH))?.trim() ?? '';
}

/** Reads what the shim wrote: /proc/self/stat, then the boot id. Undefined when it is cut short. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const [stat = '', bootId = ''] = text.trimEnd().split('\n');
  const process = parseStat(stat);
  return process && bootId !== '' ? { ...process, bootId } : undefined;
}

/** Whether that very process still runs; a zombie does not. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  if (identity.bootId !== (await currentBootId())) return false;
  const stat = await readText(`/proc/${identity.pid}/stat`).catch(() => undefined);
  const found = stat === undefined ? undefined : parseStat(stat);
  return found?.startTicks === identity.startTicks && found.state !== 'Z';
}

/** Source: proc_pid_stat(5). The command may hold spaces and parentheses: the last one closes it. */
function parseStat(
  stat: string,
): { readonly pid: number; readonly state: string; readonly startTicks: string } | undefined {
  const pid = Number.parseInt(stat, 10);
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const startTicks = rest[18];
  if (Number.isNaN(pid) || state === undefined || startTicks === undefined) return undefined;
  return { pid, state, startTicks };
}
