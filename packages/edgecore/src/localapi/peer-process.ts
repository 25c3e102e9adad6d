import { isIPv4 } from 'node:net';
import { linuxProcFs, type ProcFs } from '@skerry/shared/port-holder';

/** The two ends of a TCP connection within this machine, as our end sees it. */
export interface Ends {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

export interface PeerParts {
  /** Of the agent. */
  readonly uid: number;
  readonly proc?: ProcFs;
}

const established = '01'; // TCP_ESTABLISHED in include/net/tcp_states.h
const root = 0;

/**
 * Whether the process at the other end could just as well read the agent's own files: it runs as the
 * agent's user or as root, and outside of containers (in the agent's namespaces of processes and users;
 * a container on the host's network is none of those). What cannot be found out is not so.
 *
 * Source: proc_net_tcp(5), proc_pid_fd(5), namespaces(7).
 */
export async function isOfThisMachine(
  ends: Ends,
  { uid, proc = linuxProcFs }: PeerParts,
): Promise<boolean> {
  const tables = await Promise.all([proc.read('/proc/net/tcp'), proc.read('/proc/net/tcp6')]);
  const [entry] = tables.flatMap((table) => entriesOf(table ?? '', ends));
  if (!entry || (entry.uid !== uid && entry.uid !== root)) return false;
  const holder = await holderOf(`socket:[${entry.inode}]`, proc);
  return holder !== undefined && (await sharesNamespaces(holder, proc));
}

interface Entry {
  readonly uid: number;
  readonly inode: string;
}

/** Columns: number, local address, remote address, state, …, uid as the eighth, inode as the tenth. */
function entriesOf(table: string, ends: Ends): Entry[] {
  const locals = addressesOf(ends.remoteAddress, ends.remotePort);
  const remotes = addressesOf(ends.localAddress, ends.localPort);
  return table.split('\n').flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const [, local = '', remote = '', state] = columns;
    if (state !== established || !locals.includes(local) || !remotes.includes(remote)) return [];
    return [{ uid: Number(columns[7]), inode: columns[9] ?? '' }];
  });
}

/** How the kernel writes it: an IPv4 address also as one of IPv6, four bytes at a time backwards. */
function addressesOf(address: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const plain = address.replace(/^::ffff:/, '');
  if (!isIPv4(plain)) return plain === '::1' ? [`${'0'.repeat(24)}01000000${suffix}`] : [];
  const bytes = plain.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  const hex = bytes.toReversed().join('').toUpperCase();
  return [`${hex}${suffix}`, `0000000000000000FFFF0000${hex}${suffix}`];
}

async function holderOf(socket: string, proc: ProcFs): Promise<string | undefined> {
  for (const pid of await proc.list('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of await proc.list(`/proc/${pid}/fd`))
      if ((await proc.link(`/proc/${pid}/fd/${fd}`)) === socket) return pid;
  }
  return undefined;
}

async function sharesNamespaces(pid: string, proc: ProcFs): Promise<boolean> {
  for (const kind of ['pid', 'user']) {
    const [ours, theirs] = await Promise.all([
      proc.link(`/proc/self/ns/${kind}`),
      proc.link(`/proc/${pid}/ns/${kind}`),
    ]);
    if (ours === undefined || ours !== theirs) return false;
  }
  return true;
}
