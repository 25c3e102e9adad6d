import { describe, expect, it } from 'vitest';
import type { Container, ResourceRequirements } from './pod.ts';
import { containerResources, qosClass } from './resources.ts';

const GiB = 1024 ** 3;
const container = (resources?: ResourceRequirements): Container => ({
  name: 'main',
  ...(resources && { resources }),
});
const qos = (...all: (ResourceRequirements | undefined)[]): string =>
  qosClass({ containers: all.map(container) });

describe('qosClass', () => {
  it('is BestEffort when nothing asks for anything', () => {
    expect(qos(undefined, { requests: { 'nvidia.com/gpu': 1 } })).toBe('BestEffort');
  });

  it('is Guaranteed when everything has limits and asks for no less', () => {
    expect(qos({ limits: { cpu: '500m', memory: '64Mi' } })).toBe('Guaranteed');
    const equal = {
      limits: { cpu: 1, memory: '1Gi' },
      requests: { cpu: '1000m', memory: '1024Mi' },
    };
    expect(qos(equal)).toBe('Guaranteed');
  });

  it('is Burstable otherwise', () => {
    expect(qos({ requests: { cpu: '100m' } })).toBe('Burstable');
    expect(qos({ limits: { cpu: 1, memory: '1Gi' } }, undefined)).toBe('Burstable');
    expect(qos({ limits: { cpu: 1 } })).toBe('Burstable');
  });
});

describe('containerResources', () => {
  it('takes a limit for the request that is not given', () => {
    const limits = { cpu: '250m', memory: '64Mi' };
    expect(containerResources(container({ limits }), 'Guaranteed', 8 * GiB)).toEqual({
      cpuRequestMillis: 250,
      cpuLimitMillis: 250,
      memoryLimitBytes: 64 * 1024 ** 2,
      oomScoreAdj: 0,
    });
  });

  it('lets the modest be killed last', () => {
    const score = (memory: string): number =>
      containerResources(container({ requests: { memory } }), 'Burstable', 8 * GiB).oomScoreAdj;
    expect([score('1Mi'), score('4Gi'), score('8Gi')]).toEqual([999, 500, 3]);
    expect(containerResources(container(), 'BestEffort', 8 * GiB).oomScoreAdj).toBe(1000);
  });
});
