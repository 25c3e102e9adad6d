import { existsSync } from 'node:fs';
import type { Clock } from '@skerry/shared/clock';
import type { Amounts } from '@skerry/shared/kube/amounts';
import { acceleratorLabels, acceleratorPieces, type PciDevice } from './accelerators.ts';
import { allocatableOf, capacityOf, thresholdsOf, type Thresholds } from './capacity.ts';
import type { Machine } from './machine.ts';
import type { NodeConfig } from './node-config.ts';
import { readNodeFacts, type NodeFacts } from './node-facts.ts';
import { readPciDevices } from './pci.ts';
import { declaredPieces, type Piece } from './pieces.ts';

/** How old what is known of the hardware may be, milliseconds. */
const HARDWARE_KNOWN_MS = 60_000;

/** What the node has, and how much of it is left, at one moment. */
export interface ResourcesView {
  readonly facts: NodeFacts;
  readonly capacity: Amounts;
  readonly allocatable: Amounts;
  readonly thresholds: Thresholds;
  readonly pieces: readonly Piece[];
  /** Of the accelerators. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface MachineResourcesParts {
  readonly machine: Machine;
  /** Whose file system the node's storage is. */
  readonly dataDir: string;
  readonly config: NodeConfig;
  readonly clock: Clock;
}

/** What the node has for pods, and what it keeps for itself. */
export interface NodeResources {
  readonly config: NodeConfig;
  /** Types of the pressure conditions that the node reports as True. */
  pressures: readonly string[];
  read(): Promise<ResourcesView>;
}

/** Those of the machine: read anew each time, but for the hardware. */
export class MachineResources implements NodeResources {
  readonly #parts: MachineResourcesParts;
  #hardware: { readonly devices: Promise<PciDevice[]>; readonly at: number } | undefined;
  pressures: readonly string[] = [];

  constructor(parts: MachineResourcesParts) {
    this.#parts = parts;
  }

  get config(): NodeConfig {
    return this.#parts.config;
  }

  async read(): Promise<ResourcesView> {
    const { machine, dataDir, config } = this.#parts;
    const [facts, devices] = await Promise.all([readNodeFacts(machine, dataDir), this.#devices()]);
    const pieces = [
      ...declaredPieces(config.devices, (path) => existsSync(path)),
      ...acceleratorPieces(devices),
    ];
    const capacity = capacityOf(facts, config, pieces);
    return {
      facts,
      capacity,
      allocatable: allocatableOf(capacity, config, facts),
      thresholds: thresholdsOf(config, facts),
      pieces,
      labels: acceleratorLabels(devices),
    };
  }

  #devices(): Promise<PciDevice[]> {
    const { clock, config } = this.#parts;
    if (config.discover === 'no') return Promise.resolve([]);
    const now = clock.monotonic();
    if (!this.#hardware || now - this.#hardware.at > HARDWARE_KNOWN_MS)
      this.#hardware = { devices: readPciDevices(), at: now };
    return this.#hardware.devices;
  }
}
