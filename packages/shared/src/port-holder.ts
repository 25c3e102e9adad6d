import { readFile, readdir, readlink } from 'node:fs/promises';

/** Reads Linux's procfs, or something that looks like it. */
export interface ProcFs {
  /** Undefined when the file is gone or not ours to read. */
  read(path: string): Promise<string | undefined>;
  list(path: string): Promise<readonly string[]>;
  link(path: string): Promise<string | undefined>;
}

export interface PortHolder {
  readonly pid: number;
  /** Its command line, shortened. */
  readonly command: string;
}

const tcpListen = '0A'; // TCP_LISTEN in include/net/tcp_states.h
const maxCommandLength = 120;

export const linuxProcFs: ProcFs = {
  read: (path) => readFile(path, 'utf8').catch(() => undefined),
  list: (path) => readdir(path).catch(() => []),
  link: (path) => readlink(path).catch(() => undefined),
};

/**
 * Who listens at a TCP port of this machine; undefined when nobody does or it cannot be told (another
 * user's process, no procfs).
 *
 * Source: proc_net_tcp(5), proc_pid_fd(5).
 */
export async function portHolder(
  port: number,
  proc: ProcFs = linuxProcFs,
): Promise<PortHolder | undefined> {
  const tables = await Promise.all([proc.read('/proc/net/tcp'), proc.read('/proc/net/tcp6')]);
  const inodes = tables.flatMap((table) => listeningInodes(table ?? '', port));
  if (inodes.length === 0) return undefined;
  const sockets = new Set(inodes.map((inode) => `socket:[${inode}]`));
  for (const pid of await proc.list('/proc'))
    if (/^\d+$/.test(pid) && (await holdsAny(pid, sockets, proc)))
      return { pid: Number(pid), command: await commandOf(pid, proc) };
  return undefined;
}

/** Columns: number, local address as hex ip:port, remote address, state, …, inode as the tenth. */
function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const [, local = '', , state] = columns;
    const inode = columns[9];
    return state === tcpListen && local.endsWith(suffix) && inode !== undefined ? [inode] : [];
  });
}

async function holdsAny(pid: string, sockets: ReadonlySet<string>, proc: ProcFs): Promise<boolean> {
  for (const fd of await proc.list(`/proc/${pid}/fd`)) {
    const target = await proc.link(`/proc/${pid}/fd/${fd}`);
    if (target !== undefined && sockets.has(target)) return true;
  }
  return false;
}

async function commandOf(pid: string, proc: ProcFs): Promise<string> {
  const line = await proc.read(`/proc/${pid}/cmdline`);
  const command = (line ?? '').split('\0').join(' ').trim();
  return command.length > maxCommandLength ? `${command.slice(0, maxCommandLength)}…` : command;
}
