import type { Piece } from './pieces.ts';

/** A device on the PCI bus, as sysfs shows it. */
export interface PciDevice {
  /** Class, subclass and interface as six hexadecimal digits, for example `030200`. */
  readonly classCode: string;
  /** Four hexadecimal digits each. */
  readonly vendor: string;
  readonly device: string;
  /** Device files that lead to it alone. */
  readonly paths: readonly string[];
  /** Device files that its driver has for all its devices. */
  readonly shared: readonly string[];
}

export type AcceleratorKind = 'gpu' | 'fpga' | 'dpu' | 'smartnic' | 'accelerator';

interface Accelerator {
  readonly kind: AcceleratorKind;
  readonly vendor: string;
}

const vendors: Readonly<Record<string, string>> = {
  '10de': 'nvidia',
  '1002': 'amd',
  '8086': 'intel',
  '15b3': 'mellanox',
  '10ee': 'xilinx',
  '1172': 'altera',
  '1dd8': 'pensando',
  '14e4': 'broadcom',
};
const fpgaVendors = new Set(['xilinx', 'altera']);
/** Network controllers with processors of their own: BlueField 1 to 3 and their like, Pensando DSC. */
const dpus = /^(15b3:(a2d[0-9a-f]|c2d[0-9a-f])|1dd8:.*)$/;
/** Controllers that offload more than packets: ConnectX-4 and newer, Stingray. */
const smartNics = /^(15b3:10(1[3-9a-f]|2[0-9a-f])|14e4:(d802|d804))$/;

/** Names under which the device plugins of these vendors offer their GPUs. */
const gpuResources: Readonly<Record<string, string>> = {
  nvidia: 'nvidia.com/gpu',
  amd: 'amd.com/gpu',
  intel: 'gpu.intel.com/i915',
};

/**
 * What kind of accelerator a device is; undefined for everything else.
 *
 * Source: https://pci-ids.ucw.cz/read/PD/ (classes 02 network, 03 display, 12 processing accelerators).
 */
export function acceleratorOf({ classCode, vendor, device }: PciDevice): Accelerator | undefined {
  const name = vendors[vendor] ?? vendor;
  const is = (kind: AcceleratorKind): Accelerator => ({ kind, vendor: name });
  const id = `${vendor}:${device}`;
  switch (classCode.slice(0, 2)) {
    case '03':
      return is('gpu');
    case '12':
      return is(fpgaVendors.has(name) ? 'fpga' : 'accelerator');
    case '02':
      if (dpus.test(id)) return is('dpu');
      return smartNics.test(id) ? is('smartnic') : undefined;
    default:
      return fpgaVendors.has(name) ? is('fpga') : undefined;
  }
}

/** What can be given to containers: accelerators whose driver has made device files. */
export function acceleratorPieces(devices: readonly PciDevice[]): Piece[] {
  return devices.flatMap((device) => {
    const found = acceleratorOf(device);
    if (!found || device.paths.length === 0) return [];
    return [{ resource: resourceOf(found), count: 1, paths: [...device.paths, ...device.shared] }];
  });
}

function resourceOf({ kind, vendor }: Accelerator): string {
  const plugin = kind === 'gpu' ? gpuResources[vendor] : undefined;
  return plugin ?? `edge.skerry.io/${kind}`;
}

/**
 * Labels that say which accelerators are here: by kind in words, and by class and vendor as Node Feature
 * Discovery does.
 *
 * @see https://kubernetes-sigs.github.io/node-feature-discovery/stable/usage/features.html
 */
export function acceleratorLabels(devices: readonly PciDevice[]): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const device of devices) {
    const found = acceleratorOf(device);
    if (!found) continue;
    labels[`edge.skerry.io/${found.kind}`] = found.vendor;
    const pci = `pci-${device.classCode.slice(0, 4)}_${device.vendor}`;
    labels[`feature.node.kubernetes.io/${pci}.present`] = 'true';
  }
  return labels;
}
