import { describe, expect, it } from 'vitest';
import type { Container } from './pod.ts';
import { podObject } from './testing/pod-node.ts';
import { unsupportedFields } from './unsupported.ts';
import type { Volume } from './volumes/volume.ts';

describe('unsupportedFields', () => {
  it('finds nothing in a pod that this node runs as it is', () => {
    const main = { name: 'main', image: 'a', terminationMessagePolicy: 'File' } as Container;
    expect(unsupportedFields(podObject({ containers: [main], volumes: [] }))).toEqual([]);
  });

  it('names what is asked for and not done', () => {
    const main = {
      name: 'main',
      readinessProbe: { tcpSocket: { port: 80 } },
      env: [{ name: 'A', valueFrom: { fileKeyRef: {} } }],
      volumeMounts: [{ name: 'fast', mountPath: '/fast', recursiveReadOnly: 'Enabled' }],
    } as Container;
    const volumes: Volume[] = [
      { name: 'fast', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      { name: 'disk', emptyDir: { sizeLimit: '1Mi' } },
    ];
    const more = { hostAliases: [{ ip: '192.0.2.1' }], readinessGates: [] };
    expect(unsupportedFields(podObject({ containers: [main], volumes, ...more }))).toEqual([
      'spec.hostAliases',
      'spec.containers{main}.readinessProbe',
      'spec.containers{main}.volumeMounts{fast}.recursiveReadOnly',
      'spec.containers{main}.env{A}.valueFrom.fileKeyRef',
      'spec.volumes{disk}.emptyDir.sizeLimit',
    ]);
  });
});
