import { describe, expect, it } from 'vitest';
import {
  accountReferences,
  bindingReferences,
  boundAccounts,
  claimReferences,
  deviceReferences,
  podReferences,
} from './references.ts';

const podWith = (spec: unknown): unknown => ({ metadata: { namespace: 'shop' }, spec });

describe('podReferences', () => {
  it('finds what containers of every kind take their environment from', () => {
    const env = (name: string): unknown => ({
      env: [
        { name: 'A', value: 'plain' },
        { name: 'B', valueFrom: { configMapKeyRef: { name: `${name}-key`, key: 'b' } } },
        {
          name: 'C',
          valueFrom: { secretKeyRef: { name: `${name}-key`, key: 'c', optional: true } },
        },
        { name: 'D', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ],
      envFrom: [{ configMapRef: { name: `${name}-all` } }, { secretRef: { name: `${name}-all` } }],
    });
    const pod = podWith({
      initContainers: [env('init')],
      containers: [env('main')],
      ephemeralContainers: [env('debug')],
    });
    expect(podReferences(pod).sort()).toEqual([
      'configmaps/shop/debug-all',
      'configmaps/shop/debug-key',
      'configmaps/shop/init-all',
      'configmaps/shop/init-key',
      'configmaps/shop/main-all',
      'configmaps/shop/main-key',
      'secrets/shop/debug-all',
      'secrets/shop/debug-key',
      'secrets/shop/init-all',
      'secrets/shop/init-key',
      'secrets/shop/main-all',
      'secrets/shop/main-key',
    ]);
  });

  it('finds what volumes are made of', () => {
    const volumes = [
      { name: 'a', configMap: { name: 'files' } },
      { name: 'b', secret: { secretName: 'keys' } },
      { name: 'c', emptyDir: {} },
      { name: 'd', hostPath: { path: '/etc' } },
      { name: 'e', azureFile: { secretName: 'azure', shareName: 's' } },
      { name: 'f', csi: { driver: 'x', nodePublishSecretRef: { name: 'csi' } } },
      { name: 'i', persistentVolumeClaim: { claimName: 'data' } },
      { name: 'g', cephfs: { secretRef: { name: 'ceph' } } },
      {
        name: 'h',
        projected: {
          sources: [
            { configMap: { name: 'kube-root-ca.crt' } },
            { secret: { name: 'projected' } },
            { serviceAccountToken: { path: 'token' } },
            { downwardAPI: {} },
          ],
        },
      },
    ];
    expect(podReferences(podWith({ volumes })).sort()).toEqual([
      'configmaps/shop/files',
      'configmaps/shop/kube-root-ca.crt',
      'persistentvolumeclaims/shop/data',
      'secrets/shop/azure',
      'secrets/shop/ceph',
      'secrets/shop/csi',
      'secrets/shop/keys',
      'secrets/shop/projected',
    ]);
  });

  it('finds pull secrets and the service account, each key once', () => {
    const pod = podWith({
      serviceAccountName: 'runner',
      imagePullSecrets: [{ name: 'registry' }, { name: 'registry' }, {}],
      volumes: [{ name: 'a', secret: { secretName: 'registry' } }],
    });
    expect(podReferences(pod).sort()).toEqual([
      'secrets/shop/registry',
      'serviceaccounts/shop/runner',
    ]);
  });

  it('refers to nothing where the pod is not what it should be', () => {
    for (const spec of [undefined, null, 7, 'x', [], { containers: 'x', volumes: [null, 3, 'y'] }])
      expect(podReferences(podWith(spec))).toEqual([]);
    expect(
      podReferences(podWith({ serviceAccountName: 'a/b', imagePullSecrets: [{ name: 7 }] })),
    ).toEqual([]);
  });
});

describe('deviceReferences', () => {
  it('finds the model, in the namespace of the device', () => {
    const device = podWith({ deviceModelRef: { name: 'thermometer' }, nodeName: 'edge-1' });
    expect(deviceReferences(device)).toEqual(['devicemodels.devices.kubeedge.io/shop/thermometer']);
    expect(deviceReferences(podWith({}))).toEqual([]);
  });
});

describe('claimReferences', () => {
  it('finds the volume that a claim is bound to, which is in no namespace', () => {
    expect(claimReferences(podWith({ volumeName: 'disk' }))).toEqual(['persistentvolumes//disk']);
    for (const spec of [{}, { volumeName: '' }, { volumeName: 'a/b' }, undefined])
      expect(claimReferences(podWith(spec))).toEqual([]);
  });
});

describe('accountReferences', () => {
  it('finds the Secrets with which pods of the account pull images', () => {
    const account = {
      metadata: { namespace: 'shop' },
      secrets: [{ name: 'old-token' }],
      imagePullSecrets: [{ name: 'registry' }],
    };
    expect(accountReferences(account)).toEqual(['secrets/shop/registry']);
  });
});

describe('bindings', () => {
  const binding = (roleRef: object, ...subjects: object[]): unknown => ({
    metadata: { namespace: 'shop' },
    roleRef,
    subjects,
  });

  it('refer to their role, of their namespace or of the cluster', () => {
    expect(bindingReferences(binding({ kind: 'Role', name: 'reader' }))).toEqual([
      'roles.rbac.authorization.k8s.io/shop/reader',
    ]);
    expect(bindingReferences(binding({ kind: 'ClusterRole', name: 'view' }))).toEqual([
      'clusterroles.rbac.authorization.k8s.io//view',
    ]);
    for (const roleRef of [{}, { kind: 'Role', name: 'a/b' }, { kind: 'Role', name: 7 }])
      expect(bindingReferences(binding(roleRef))).toEqual([]);
  });

  it('follow the accounts that they name, and no group or person', () => {
    const bound = binding(
      { kind: 'Role', name: 'reader' },
      { kind: 'ServiceAccount', name: 'till' },
      { kind: 'ServiceAccount', name: 'till', namespace: 'shop' },
      { kind: 'User', name: 'system:serviceaccount:stock:counter' },
      { kind: 'User', name: 'jane' },
      { kind: 'Group', name: 'system:serviceaccounts' },
      { kind: 'ServiceAccount', name: '' },
      { kind: 'ServiceAccount', name: 'a/b' },
    );
    expect(boundAccounts(bound)).toEqual([
      'serviceaccounts/shop/till',
      'serviceaccounts/stock/counter',
    ]);
  });
});
