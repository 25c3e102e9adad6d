import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  acceleratorLabels,
  acceleratorOf,
  acceleratorPieces,
  type PciDevice,
} from './accelerators.ts';
import { readPciDevices } from './pci.ts';

const pci = (
  classCode: string,
  vendor: string,
  device: string,
  paths: string[] = [],
): PciDevice => ({
  classCode,
  vendor,
  device,
  paths,
  shared: [],
});

describe('acceleratorOf', () => {
  it.each([
    [pci('030200', '10de', '20b0'), 'gpu nvidia'],
    [pci('030000', '1002', '73bf'), 'gpu amd'],
    [pci('030000', '1234', '1111'), 'gpu 1234'],
    [pci('120000', '10ee', '5000'), 'fpga xilinx'],
    [pci('058000', '10ee', '9038'), 'fpga xilinx'],
    [pci('120000', '1da3', '1020'), 'accelerator 1da3'],
    [pci('020000', '15b3', 'a2d6'), 'dpu mellanox'],
    [pci('020000', '15b3', '1017'), 'smartnic mellanox'],
    [pci('020000', '8086', '1533'), undefined],
    [pci('050000', '8086', '1533'), undefined],
  ])('tells what %j is', (device, is) => {
    const found = acceleratorOf(device);
    expect(found && `${found.kind} ${found.vendor}`).toBe(is);
  });
});

describe('on a machine', () => {
  let root: string;
  const write = async (path: string, text = ''): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  const device = async (address: string, ids: readonly [string, string, string]): Promise<void> => {
    const directory = `sys/bus/pci/devices/${address}`;
    const [classCode, vendor, id] = ids;
    await write(`${directory}/class`, `0x${classCode}\n`);
    await write(`${directory}/vendor`, `0x${vendor}\n`);
    await write(`${directory}/device`, `0x${id}\n`);
  };
  const read = (): Promise<PciDevice[]> =>
    readPciDevices({ sys: join(root, 'sys'), proc: join(root, 'proc'), dev: join(root, 'dev') });
  beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'hardware-'))));
  afterEach(() => rm(root, { recursive: true }));

  it('without a PCI bus there is nothing', async () => {
    expect(await read()).toEqual([]);
  });

  it('a GPU is offered under the name its plugin has, with its files', async () => {
    await device('0000:01:00.0', ['030200', '10de', '20b0']);
    await write(
      'proc/driver/nvidia/gpus/0000:01:00.0/information',
      'Model: X\nDevice Minor: \t 3\n',
    );
    for (const name of ['nvidia3', 'nvidiactl']) await write(`dev/${name}`);
    await device('0000:02:00.0', ['030000', '1002', '73bf']);
    for (const name of ['card0', 'renderD128']) {
      await write(`sys/bus/pci/devices/0000:02:00.0/drm/${name}/dev`);
      await write(`dev/dri/${name}`);
    }
    const found = await read();
    expect(acceleratorPieces(found)).toEqual([
      {
        resource: 'nvidia.com/gpu',
        count: 1,
        paths: [join(root, 'dev/nvidia3'), join(root, 'dev/nvidiactl')],
      },
      {
        resource: 'amd.com/gpu',
        count: 1,
        paths: [join(root, 'dev/dri/renderD128'), join(root, 'dev/dri/card0')],
      },
    ]);
    expect(acceleratorLabels(found)).toEqual({
      'edge.skerry.io/gpu': 'amd',
      'feature.node.kubernetes.io/pci-0302_10de.present': 'true',
      'feature.node.kubernetes.io/pci-0300_1002.present': 'true',
    });
  });

  it('an accelerator without a driver is labelled and not offered', async () => {
    await device('0000:03:00.0', ['020000', '15b3', 'a2d6']);
    await device('0000:00:1f.0', ['060100', '8086', '7000']);
    const found = await read();
    expect(acceleratorPieces(found)).toEqual([]);
    expect(acceleratorLabels(found)).toMatchObject({ 'edge.skerry.io/dpu': 'mellanox' });
  });
});
