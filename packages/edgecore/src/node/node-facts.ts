import { readFile, statfs } from 'node:fs/promises';
import { freemem, release } from 'node:os';
import type { Machine } from './machine.ts';

/** What a node is, and how it fares, read from the machine at one moment. */
export interface NodeFacts {
  readonly address: string | undefined;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly memoryAvailableBytes: number;
  /** Of the file system that holds the agent's data. */
  readonly diskBytes: number;
  readonly diskAvailableBytes: number;
  readonly inodes: number;
  readonly inodesAvailable: number;
  /** Threads that exist, and that may exist at most. */
  readonly threads: number;
  readonly maxThreads: number;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  /** `ID` and `VERSION_ID` of os-release(5); empty where it says none. */
  readonly osId: string;
  readonly osVersion: string;
  /** As Kubernetes names it. */
  readonly architecture: string;
}

const architectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  arm64: 'arm64',
  arm: 'arm',
  riscv64: 'riscv64',
};

/** Reads the facts. What a machine does not tell is empty or without limit, never guessed. */
export async function readNodeFacts(machine: Machine, dataDir: string): Promise<NodeFacts> {
  const text = (path: string): Promise<string> => readFile(path, 'utf8').then(trim, () => '');
  const [disk, machineId, systemUuid, bootId, osRelease, loadAverage, maxThreads] =
    await Promise.all([
      statfs(dataDir),
      text('/etc/machine-id'),
      text('/sys/class/dmi/id/product_uuid'),
      text('/proc/sys/kernel/random/boot_id'),
      text('/etc/os-release'),
      text('/proc/loadavg'),
      text('/proc/sys/kernel/threads-max'),
    ]);
  return {
    address: machine.address(),
    cpus: machine.cpus,
    memoryBytes: machine.memoryBytes,
    memoryAvailableBytes: freemem(),
    diskBytes: disk.blocks * disk.bsize,
    diskAvailableBytes: disk.bavail * disk.bsize,
    inodes: disk.files,
    inodesAvailable: disk.ffree,
    threads: threadsOf(loadAverage),
    maxThreads: Number(maxThreads) || Infinity,
    machineId,
    systemUuid: systemUuid || machineId,
    bootId,
    kernelVersion: release(),
    osImage: osReleaseOf(osRelease, 'PRETTY_NAME') ?? 'Linux',
    osId: osReleaseOf(osRelease, 'ID') ?? '',
    osVersion: osReleaseOf(osRelease, 'VERSION_ID') ?? '',
    architecture: architectures[process.arch] ?? process.arch,
  };
}

/** One variable of os-release(5); undefined where it is not set. */
export function osReleaseOf(text: string, name: string): string | undefined {
  return new RegExp(`^${name}=["']?(.*?)["']?$`, 'm').exec(text)?.[1];
}

/** The total of proc_loadavg(5)'s fourth field, `running/total`. */
export function threadsOf(loadAverage: string): number {
  return Number(/(\d+)\/(\d+)/.exec(loadAverage)?.[2] ?? 0);
}

function trim(text: string): string {
  return text.trim();
}
