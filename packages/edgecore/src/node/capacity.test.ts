import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAmounts } from '@skerry/shared/kube/amounts';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { describe, expect, it } from 'vitest';
import { allocatableOf, capacityOf, thresholdsOf } from './capacity.ts';
import { thisMachine } from './machine.ts';
import type { NodeFacts } from './node-facts.ts';
import { MachineResources } from './node-resources.ts';
import { testNodeConfig } from './testing/node-config.ts';

const GiB = 1024 ** 3;
const facts = {
  cpus: 2,
  memoryBytes: GiB,
  diskBytes: 10 * GiB,
  inodes: 1000,
  maxThreads: 5000,
} as NodeFacts;

describe('what pods may ask for', () => {
  it('is the machine less what is reserved and what has to stay free', () => {
    const capacity = capacityOf(facts, testNodeConfig, [
      { resource: 'example.com/camera', count: 1, paths: ['/dev/video0'] },
      { resource: 'example.com/camera', count: 1, paths: ['/dev/video1'] },
    ]);
    expect(writeAmounts(capacity)).toEqual({
      cpu: '2',
      memory: '1048576Ki',
      'ephemeral-storage': '10485760Ki',
      pods: '110',
      'example.com/camera': '2',
    });
    expect(writeAmounts(allocatableOf(capacity, testNodeConfig, facts))).toEqual({
      cpu: '1500m',
      memory: '684032Ki',
      'ephemeral-storage': '9437184Ki',
      pods: '110',
      'example.com/camera': '2',
    });
  });

  it('is never less than nothing', () => {
    const config = {
      ...testNodeConfig,
      systemReserved: { cpu: '64', memory: '1Ti', ephemeralStorage: '1Ti' },
    };
    const left = writeAmounts(allocatableOf(capacityOf(facts, config, []), config, facts));
    expect(left).toEqual({ cpu: '0', memory: '0Ki', 'ephemeral-storage': '0Ki', pods: '110' });
  });
});

describe('thresholds', () => {
  it('are amounts or shares', () => {
    expect(thresholdsOf(testNodeConfig, facts)).toEqual({
      memoryBytes: 100 * 1024 ** 2,
      diskBytes: GiB,
      inodes: 50,
      threads: 500,
    });
  });

  it('of what has no end are nothing', () => {
    expect(thresholdsOf(testNodeConfig, { ...facts, maxThreads: Infinity }).threads).toBe(0);
  });
});

describe('this machine', () => {
  it('has something for pods, and says what', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'resources-'));
    const config = { ...testNodeConfig, discover: 'yes' as const, devices: ['example.com/a=2'] };
    const clock = new ManualClock();
    const view = await new MachineResources({
      machine: thisMachine,
      dataDir,
      config,
      clock,
    }).read();
    await rm(dataDir, { recursive: true });
    expect(view.capacity.get('cpu')).toBeGreaterThan(view.allocatable.get('cpu') ?? 0n);
    expect(view.allocatable.get('memory')).toBeGreaterThan(0n);
    expect(view.pieces).toContainEqual({ resource: 'example.com/a', count: 2, paths: [] });
    expect(view.facts.kernelVersion).not.toBe('');
  });
});
