import { describe, expect, it } from 'vitest';
import type { Container, Volume } from './pod.ts';
import { podObject } from './testing/pod-node.ts';
import { unsupportedFields } from './unsupported.ts';

describe('unsupportedFields', () => {
  it('finds nothing in a pod that this node runs as it is', () => {
    const main = { name: 'main', image: 'a', terminationMessagePolicy: 'File' } as Container;
    expect(unsupportedFields(podObject({ containers: [main], volumes: [] }))).toEqual([]);
  });

  it('names what is asked for and not done', () => {
    const main = { name: 'main', readinessProbe: { tcpSocket: { port: 80 } } } as Container;
    const volumes: Volume[] = [
      { name: 'fast', emptyDir: { medium: 'Memory' } },
      { name: 'api', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
    ];
    const more = { hostAliases: [{ ip: '192.0.2.1' }], readinessGates: [] };
    expect(unsupportedFields(podObject({ containers: [main], volumes, ...more }))).toEqual([
      'spec.hostAliases',
      'spec.containers{main}.readinessProbe',
      'spec.volumes{fast}.emptyDir.medium',
      'spec.volumes{api}.projected.serviceAccountToken',
    ]);
  });
});
