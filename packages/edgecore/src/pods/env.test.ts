import { readAmounts } from '@skerry/shared/kube/amounts';
import { describe, expect, it } from 'vitest';
import { commandLine, environment, type Sources } from './env.ts';
import type { Container, EnvEntry } from './pod.ts';
import { referenceKey, type Entries } from './references.ts';
import { podObject } from './testing/pod-node.ts';

const entries = (data: Record<string, string>): Entries =>
  new Map(Object.entries(data).map(([key, value]) => [key, Buffer.from(value)]));

const sources: Sources = {
  pod: podObject({
    metadata: { labels: { app: 'web', 'example.com/tier': 'edge' }, annotations: { note: 'n' } },
    serviceAccountName: 'robot',
    containers: [{ name: 'other', resources: { limits: { memory: '64Mi' } } }],
  }),
  held: new Map([
    [referenceKey('configmap', 'default', 'site'), entries({ MODE: 'calm', port: '80' })],
    [referenceKey('secret', 'default', 'key'), entries({ token: 's3cr3t' })],
  ]),
  surroundings: {
    nodeName: 'edge-1',
    hostIp: '192.0.2.7',
    podIp: '10.88.0.2',
    allocatable: readAmounts({ cpu: '4', memory: '8Gi', 'ephemeral-storage': '1Ki' }),
  },
};

const env = (list: readonly EnvEntry[], more: Partial<Container> = {}): Record<string, string> => {
  const container: Container = { name: 'main', env: list, ...more };
  return Object.fromEntries(
    environment(container, sources).map(({ name, value }) => [name, value]),
  );
};

const field = (fieldPath: string): EnvEntry => ({
  name: 'F',
  valueFrom: { fieldRef: { fieldPath } },
});

describe('environment', () => {
  it('takes literals, which may use what comes before them', () => {
    const list = [
      { name: 'HOST', value: 'edge' },
      { name: 'URL', value: 'http://$(HOST):$(PORT)/$$(HOST)' },
      { name: 'PORT', value: '80' },
      { name: 'EMPTY' },
    ];
    expect(env(list)).toEqual({
      HOST: 'edge',
      URL: 'http://edge:$(PORT)/$(HOST)',
      PORT: '80',
      EMPTY: '',
    });
  });

  it('takes keys of ConfigMaps and Secrets', () => {
    expect(
      env([
        { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'site', key: 'MODE' } } },
        { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'key', key: 'token' } } },
      ]),
    ).toEqual({ MODE: 'calm', TOKEN: 's3cr3t' });
  });

  it('takes whole ConfigMaps and Secrets, before all entries', () => {
    const envFrom = [
      { configMapRef: { name: 'site' } },
      { prefix: 'KEY_', secretRef: { name: 'key' } },
    ];
    const list = [{ name: 'MODE', value: 'my $(MODE)' }];
    expect(env(list, { envFrom })).toEqual({ MODE: 'my calm', port: '80', KEY_token: 's3cr3t' });
  });

  it.each([
    ['metadata.name', 'web'],
    ['metadata.namespace', 'default'],
    ['metadata.uid', 'uid-of-web'],
    ["metadata.labels['app']", 'web'],
    ["metadata.labels['example.com/tier']", 'edge'],
    ["metadata.annotations['note']", 'n'],
    ["metadata.labels['none']", ''],
    ['spec.nodeName', 'edge-1'],
    ['spec.serviceAccountName', 'robot'],
    ['status.hostIP', '192.0.2.7'],
    ['status.podIP', '10.88.0.2'],
  ])('takes the field %s', (fieldPath, value) => {
    expect(env([field(fieldPath)])).toEqual({ F: value });
  });

  it.each([
    [{ resource: 'limits.cpu' }, '1'],
    [{ resource: 'limits.cpu', divisor: '1m' }, '500'],
    [{ resource: 'requests.memory', divisor: '1Mi' }, '16'],
    [{ resource: 'limits.memory' }, '8589934592'],
    [{ resource: 'limits.ephemeral-storage' }, '1024'],
    [{ resource: 'requests.ephemeral-storage' }, '0'],
    [{ resource: 'limits.memory', containerName: 'other', divisor: '1Mi' }, '64'],
    [{ resource: 'requests.cpu' }, '0'],
  ])('takes the resource %j', (resourceFieldRef, value) => {
    const resources = { limits: { cpu: '500m' }, requests: { memory: '16Mi' } };
    expect(env([{ name: 'R', valueFrom: { resourceFieldRef } }], { resources })).toEqual({
      R: value,
    });
  });

  it('does without what is optional', () => {
    const list: EnvEntry[] = [
      { name: 'A', valueFrom: { configMapKeyRef: { name: 'none', key: 'a', optional: true } } },
      { name: 'B', valueFrom: { secretKeyRef: { name: 'key', key: 'none', optional: true } } },
    ];
    expect(env(list, { envFrom: [{ secretRef: { name: 'none', optional: true } }] })).toEqual({});
  });

  it.each<[string, EnvEntry]>([
    [
      'configmap "none" not found',
      { name: 'A', valueFrom: { configMapKeyRef: { name: 'none', key: 'a' } } },
    ],
    [
      "couldn't find key none in ConfigMap default/site",
      { name: 'A', valueFrom: { configMapKeyRef: { name: 'site', key: 'none' } } },
    ],
    [
      "couldn't find key none in Secret default/key",
      { name: 'A', valueFrom: { secretKeyRef: { name: 'key', key: 'none' } } },
    ],
    ['unsupported fieldPath: status.phase', field('status.phase')],
  ])('says %s', (message, entry) => {
    expect(() => env([entry])).toThrow(message);
  });

  it('says which whole ConfigMap or Secret is missing', () => {
    expect(() => env([], { envFrom: [{ secretRef: { name: 'none' } }] })).toThrow(
      'secret "none" not found',
    );
  });
});

describe('commandLine', () => {
  it('puts variables into command and arguments, and leaves what it does not know', () => {
    const container: Container = {
      name: 'main',
      command: ['sh', '-c'],
      args: ['echo $(WORD) $(NONE) $$(WORD)'],
    };
    expect(commandLine(container, [{ name: 'WORD', value: 'hi' }])).toEqual({
      command: ['sh', '-c'],
      args: ['echo hi $(NONE) $(WORD)'],
    });
  });
});
