import { readAmounts } from '@skerry/shared/kube/amounts';
import type { NodeConfig } from '../node-config.ts';
import type { NodeFacts } from '../node-facts.ts';
import type { NodeResources, ResourcesView } from '../node-resources.ts';
import type { Piece } from '../pieces.ts';
import { testNodeConfig } from './node-config.ts';

const GiB = 1024 ** 3;

const plenty: NodeFacts = {
  address: '192.0.2.7',
  cpus: 2,
  memoryBytes: 2 * GiB,
  memoryAvailableBytes: GiB,
  diskBytes: 100 * GiB,
  diskAvailableBytes: 50 * GiB,
  inodes: 1000,
  inodesAvailable: 1000,
  threads: 1,
  maxThreads: 1000,
  machineId: 'm',
  systemUuid: 's',
  bootId: 'b',
  kernelVersion: '6.1.0',
  osImage: 'Debian GNU/Linux 12 (bookworm)',
  osId: 'debian',
  osVersion: '12',
  architecture: 'arm64',
};

/** A node with 2 cores, 1 GiB and nothing short, unless a test makes it so. */
export class FakeResources implements NodeResources {
  config: NodeConfig = testNodeConfig;
  pressures: readonly string[] = [];
  allocatable: Readonly<Record<string, string>> = { cpu: '2', memory: '1Gi', pods: '110' };
  pieces: readonly Piece[] = [];
  facts: Partial<NodeFacts> = {};

  read(): Promise<ResourcesView> {
    const amounts = readAmounts(this.allocatable);
    return Promise.resolve({
      facts: { ...plenty, ...this.facts },
      capacity: amounts,
      allocatable: amounts,
      thresholds: { memoryBytes: GiB / 10, diskBytes: 10 * GiB, inodes: 50, threads: 100 },
      pieces: this.pieces,
      labels: {},
    });
  }
}
