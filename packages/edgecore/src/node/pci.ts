import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PciDevice } from './accelerators.ts';

/** Where a machine shows its PCI devices and its drivers; another place in tests. */
export interface HardwarePlaces {
  readonly sys: string;
  readonly proc: string;
  readonly dev: string;
}

export const machinePlaces: HardwarePlaces = { sys: '/sys', proc: '/proc', dev: '/dev' };

/** Directories below a device in which its driver names device files, and where those are in /dev. */
const families: Readonly<Record<string, string>> = {
  drm: 'dri',
  infiniband_verbs: 'infiniband',
  accel: 'accel',
  misc: '',
};
const nvidia = '10de';
const nvidiaShared = ['nvidiactl', 'nvidia-uvm', 'nvidia-uvm-tools', 'nvidia-modeset'];
const rdmaShared = 'infiniband/rdma_cm';

/**
 * The PCI devices of the machine. One without such a bus, and what its kernel does not tell, has none.
 *
 * @see https://www.kernel.org/doc/html/latest/PCI/sysfs-pci.html
 */
export async function readPciDevices(places: HardwarePlaces = machinePlaces): Promise<PciDevice[]> {
  const bus = join(places.sys, 'bus/pci/devices');
  const addresses = await readdir(bus).catch(() => []);
  const devices = await Promise.all(
    addresses.toSorted().map((address) => readDevice(join(bus, address), address, places)),
  );
  return devices.filter((device) => device !== undefined);
}

async function readDevice(
  directory: string,
  address: string,
  places: HardwarePlaces,
): Promise<PciDevice | undefined> {
  const hex = (name: string): Promise<string> =>
    readFile(join(directory, name), 'utf8').then(
      (text) => text.trim().replace(/^0x/, ''),
      () => '',
    );
  const [classCode, vendor, device] = await Promise.all([
    hex('class'),
    hex('vendor'),
    hex('device'),
  ]);
  if (!/^(02|03|12|ff|05)/.test(classCode)) return undefined; // bridges, disks and the like
  const found = vendor === nvidia ? await nvidiaFiles(address, places) : await filesOf(directory);
  const present = (names: readonly string[]): string[] =>
    names.map((name) => join(places.dev, name)).filter((path) => existsSync(path));
  const paths = present(found);
  const usesRdma = found.some((name) => name.startsWith('infiniband/'));
  const shared = vendor === nvidia ? nvidiaShared : usesRdma ? [rdmaShared] : [];
  return { classCode, vendor, device, paths, shared: paths.length > 0 ? present(shared) : [] };
}

/** Files below /dev, render nodes of a GPU first: they are the ones to compute with. */
async function filesOf(directory: string): Promise<string[]> {
  const named = await Promise.all(
    Object.entries(families).map(async ([family, place]) => {
      const names = await readdir(join(directory, family)).catch(() => []);
      return names
        .filter((name) => !/^(ttm|controlD|version|by-path)/.test(name))
        .map((name) => join(place, name));
    }),
  );
  return named
    .flat()
    .toSorted((a, b) => Number(b.includes('render')) - Number(a.includes('render')));
}

/** The driver of NVIDIA makes its files by itself, and says elsewhere which is whose. */
async function nvidiaFiles(address: string, { proc }: HardwarePlaces): Promise<string[]> {
  const information = join(proc, 'driver/nvidia/gpus', address, 'information');
  const text = await readFile(information, 'utf8').catch(() => '');
  const minor = /^Device Minor:\s*(\d+)/m.exec(text)?.[1];
  return minor === undefined ? [] : [`nvidia${minor}`];
}
