import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { qosClass } from './quality-of-service.ts';

const both = (cpu: string, memory: string): JsonObject => ({ cpu, memory });

describe('quality of service', () => {
  it.each<[string, JsonObject[]]>([
    ['BestEffort', [{}]],
    ['BestEffort', [{ resources: { requests: { 'example.com/gpu': '1' } } }]],
    ['Burstable', [{ resources: { requests: { cpu: '1' } } }]],
    ['Burstable', [{ resources: { requests: both('1', '1Gi'), limits: both('2', '1Gi') } }]],
    ['Guaranteed', [{ resources: { requests: both('1', '1Gi'), limits: both('1', '1Gi') } }]],
    ['Burstable', [{ resources: { requests: both('1', '1Gi'), limits: both('1', '1Gi') } }, {}]],
  ])('is %s of %j', (expected, containers) => {
    expect(qosClass({ containers })).toBe(expected);
  });
});
