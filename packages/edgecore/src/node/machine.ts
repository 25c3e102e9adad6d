import { availableParallelism, networkInterfaces, totalmem } from 'node:os';

/** The machine under the agent, as far as pods depend on it. */
export interface Machine {
  /** Its address towards others; undefined while it has none. */
  address(): string | undefined;
  readonly cpus: number;
  readonly memoryBytes: number;
}

export const thisMachine: Machine = {
  address: () => addressOf(networkInterfaces()),
  cpus: availableParallelism(),
  memoryBytes: totalmem(),
};

/** Names of interfaces that engines and CNI plugins make: their addresses lead nowhere from outside. */
const inner = /^(docker|br-|veth|cni|flannel|cali|podman|virbr|tunl|kube)/;

interface InterfaceAddress {
  readonly address: string;
  readonly family: string;
  readonly internal: boolean;
}

/** The first IPv4 address of an interface that leads outside, else the first IPv6 address. */
export function addressOf(
  interfaces: Readonly<Record<string, readonly InterfaceAddress[] | undefined>>,
): string | undefined {
  const outer = Object.entries(interfaces)
    .filter(([name]) => !inner.test(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  const found = outer.find(({ family }) => family === 'IPv4') ?? outer[0];
  return found?.address;
}
