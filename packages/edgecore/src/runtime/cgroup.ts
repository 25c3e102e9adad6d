import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What the processes of a container use. */
export interface ContainerUsage {
  /** Memory that cannot be had back without ending something, bytes. */
  readonly memoryBytes: number;
  readonly processes: number;
  /** Time that processors spent on them since the container began, seconds; undefined where not told. */
  readonly cpuSeconds?: number | undefined;
}

/** Where the kernel shows processes and control groups; another place in tests. */
export interface KernelPlaces {
  readonly proc: string;
  readonly cgroup: string;
}

export const kernelPlaces: KernelPlaces = { proc: '/proc', cgroup: '/sys/fs/cgroup' };

const nothing: ContainerUsage = { memoryBytes: 0, processes: 0 };

/**
 * What a container uses, by the control group of its main process. Which version of control groups the
 * machine has, and which driver made the group (systemd or cgroupfs), the process itself says.
 *
 * A process in the agent's own group has none of its own; then its family is added up.
 *
 * @see https://man7.org/linux/man-pages/man7/cgroups.7.html
 */
export async function readUsage(
  pid: number,
  places: KernelPlaces = kernelPlaces,
): Promise<ContainerUsage> {
  const own = memoryGroup(await groupsOf('self', places));
  const group = memoryGroup(await groupsOf(String(pid), places));
  if (!group) return nothing;
  if (group.path === own?.path) return familyUsage(pid, places);
  const directory = join(places.cgroup, group.version === 1 ? 'memory' : '', group.path);
  const [memoryBytes, processes, cpuSeconds] = await Promise.all([
    workingSet(directory, group.version),
    countProcesses(directory),
    group.version === 1
      ? cpuTimeOfFirst(join(places.cgroup, 'cpuacct', group.path))
      : cpuTimeOfSecond(directory),
  ]);
  return { memoryBytes, processes, cpuSeconds };
}

async function cpuTimeOfFirst(directory: string): Promise<number | undefined> {
  const text = await readFile(join(directory, 'cpuacct.usage'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number(text) / 1e9;
}

async function cpuTimeOfSecond(directory: string): Promise<number | undefined> {
  const stat = await readFile(join(directory, 'cpu.stat'), 'utf8').catch(() => '');
  const micros = /^usage_usec (\d+)$/m.exec(stat)?.[1];
  return micros === undefined ? undefined : Number(micros) / 1e6;
}

interface MemoryGroup {
  readonly version: 1 | 2;
  readonly path: string;
}

function groupsOf(pid: string, { proc }: KernelPlaces): Promise<string> {
  return readFile(join(proc, pid, 'cgroup'), 'utf8').catch(() => '');
}

/** Lines of proc_pid_cgroup(5): `0::/path` for version 2, `n:memory:/path` for version 1. */
export function memoryGroup(lines: string): MemoryGroup | undefined {
  const found = lines
    .trim()
    .split('\n')
    .map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  const first = found.find((line) => line?.[1]?.split(',').includes('memory'));
  if (first) return { version: 1, path: first[2] ?? '' };
  const second = found.find((line) => line?.[1] === '');
  return second ? { version: 2, path: second[2] ?? '' } : undefined;
}

/** What is used, less file pages that the kernel would drop first: what a kubelet counts. */
async function workingSet(directory: string, version: 1 | 2): Promise<number> {
  const [usage, inactive] =
    version === 1
      ? ['memory.usage_in_bytes', 'total_inactive_file']
      : ['memory.current', 'inactive_file'];
  const used = await number(join(directory, usage));
  const stat = await readFile(join(directory, 'memory.stat'), 'utf8').catch(() => '');
  const droppable = Number(new RegExp(`^${inactive} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
  return Math.max(0, used - droppable);
}

async function countProcesses(directory: string): Promise<number> {
  const listed = await readFile(join(directory, 'cgroup.procs'), 'utf8').catch(() => '');
  return listed.split('\n').filter((line) => line !== '').length;
}

/** Resident memory and number of a process with all that it has started. */
async function familyUsage(pid: number, places: KernelPlaces): Promise<ContainerUsage> {
  const directory = join(places.proc, String(pid));
  const statm = await readFile(join(directory, 'statm'), 'utf8').catch(() => undefined);
  if (statm === undefined) return nothing;
  const tasks = await readdir(join(directory, 'task')).catch(() => []);
  const children = await Promise.all(
    tasks.map((task) =>
      readFile(join(directory, 'task', task, 'children'), 'utf8').catch(() => ''),
    ),
  );
  const pids = children.flatMap((line) => line.trim().split(' ')).filter((one) => one !== '');
  const below = await Promise.all(pids.map((child) => familyUsage(Number(child), places)));
  const own = Number(statm.split(' ')[1]) * PAGE_BYTES;
  const cpuSeconds = await cpuTimeOf(directory);
  return below.reduce(
    (sum, one) => ({
      memoryBytes: sum.memoryBytes + one.memoryBytes,
      processes: sum.processes + one.processes,
      cpuSeconds: added(sum.cpuSeconds, one.cpuSeconds),
    }),
    { memoryBytes: own, processes: 1, cpuSeconds },
  );
}

/** `utime` and `stime` of proc_pid_stat(5), behind the name in parentheses. */
async function cpuTimeOf(directory: string): Promise<number | undefined> {
  const stat = await readFile(join(directory, 'stat'), 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND;
}

function added(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : a + (b ?? 0);
}

/** USER_HZ, which is 100 on every architecture that we run on. */
const TICKS_PER_SECOND = 100;

const PAGE_BYTES = 4096;

function number(path: string): Promise<number> {
  return readFile(path, 'utf8').then(
    (text) => Number(text.trim()) || 0,
    () => 0,
  );
}
