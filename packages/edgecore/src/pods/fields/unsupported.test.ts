import { describe, expect, it } from 'vitest';
import type { Container, PodObject } from '../pod.ts';
import { podObject } from '../testing/pod-node.ts';
import { unsupportedFields } from './unsupported.ts';
import type { Volume } from '../volumes/volume.ts';

/** What the API server fills in where a manifest says nothing. */
const filledIn = {
  dnsPolicy: 'ClusterFirst',
  enableServiceLinks: true,
  preemptionPolicy: 'PreemptLowerPriority',
  priority: 0,
  schedulerName: 'default-scheduler',
  securityContext: {},
  serviceAccount: 'default',
  serviceAccountName: 'default',
  terminationGracePeriodSeconds: 30,
  tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists' }],
} as Partial<PodObject['spec']>;

describe('unsupportedFields', () => {
  it('finds nothing in a pod that this node runs as it is', () => {
    const main: Container = {
      name: 'main',
      image: 'a',
      imagePullPolicy: 'IfNotPresent',
      livenessProbe: { httpGet: { port: 'http' } },
      lifecycle: { preStop: { sleep: { seconds: 1 } } },
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      securityContext: { privileged: false, runAsNonRoot: true },
    };
    const proxy: Container = { name: 'proxy', restartPolicy: 'Always' };
    const pod = podObject({
      ...filledIn,
      initContainers: [proxy],
      containers: [main],
      volumes: [],
      hostAliases: [{ ip: '192.0.2.1' }],
      readinessGates: [{ conditionType: 'example.com/gate' }],
    });
    expect(unsupportedFields(pod)).toEqual([]);
  });

  it('names what is asked for and not done, and what it has never heard of', () => {
    const main = {
      name: 'main',
      restartPolicy: 'Always',
      env: [{ name: 'A', valueFrom: { fileKeyRef: { key: 'A' } } }],
      volumeMounts: [{ name: 'fast', mountPath: '/fast', recursiveReadOnly: 'Enabled' }],
      volumeDevices: [{ name: 'raw' }],
      securityContext: { windowsOptions: { hostProcess: true } },
      telepathy: true,
      livenessProbe: { exec: {}, mood: 'good' },
      resources: { claims: [{ name: 'gpu' }] },
      resizePolicy: [],
    } as unknown as Container;
    const volumes: Volume[] = [{ name: 'fast', emptyDir: { sizeLimit: '1Mi' } }];
    const more = { hostUsers: false, resourceClaims: [{ name: 'gpu' }], ephemeralContainers: null };
    expect(unsupportedFields(podObject({ containers: [main], volumes, ...more }))).toEqual([
      'spec.containers{main}.restartPolicy',
      'spec.containers{main}.env{A}.valueFrom.fileKeyRef',
      'spec.containers{main}.volumeMounts{fast}.recursiveReadOnly',
      'spec.containers{main}.volumeDevices',
      'spec.containers{main}.securityContext.windowsOptions',
      'spec.containers{main}.telepathy',
      'spec.containers{main}.livenessProbe.mood',
      'spec.containers{main}.resources.claims',
      'spec.hostUsers',
      'spec.resourceClaims',
    ]);
  });

  it('names what takes an engine where there is none', () => {
    const main: Container = {
      name: 'main',
      tty: true,
      securityContext: { runAsUser: 1000, readOnlyRootFilesystem: true },
      resources: { limits: { memory: '1Gi' }, requests: { cpu: '1' } },
    };
    const wish = { containers: [main], hostname: 'web', hostNetwork: true };
    expect(unsupportedFields(podObject(wish))).toEqual([]);
    expect(unsupportedFields(podObject({ ...wish, runtimeClassName: 'process' }))).toEqual([
      'spec.containers{main}.tty',
      'spec.containers{main}.securityContext.readOnlyRootFilesystem',
      'spec.containers{main}.resources.limits',
      'spec.hostname',
    ]);
  });
});
