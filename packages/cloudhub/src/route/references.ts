import { objectKey, type ObjectKey, type ResourceName } from '@skerry/shared/names';
import {
  clusterRoles,
  configMaps,
  deviceModels,
  persistentVolumeClaims,
  persistentVolumes,
  roles,
  secrets,
  serviceAccounts,
} from '../kube/resource.ts';
import { at, field, list, text } from '../kube/json-read.ts';

/** Names of one kind of object, in the namespace of whoever refers to them. */
interface Reference {
  readonly resource: ResourceName;
  readonly name: unknown;
}

/**
 * Keys of the ConfigMaps, Secrets, PersistentVolumeClaims and ServiceAccount that a pod refers to, each
 * once: `env`, `envFrom`, volumes of every kind that names a Secret or a claim, projected volumes, image
 * pull secrets.
 *
 * Whether they exist is not asked; `optional` does not matter: a node needs what there is. A field that
 * is not what it should be refers to nothing.
 *
 * Source: kubernetes.io/docs/concepts/configuration/secret, “Using Secrets”; the list of fields is that
 * of `VisitPodSecretNames` and `VisitPodConfigmapNames` in Kubernetes.
 */
export function podReferences(pod: unknown): ObjectKey[] {
  const spec = field(pod, 'spec');
  const account = text(field(spec, 'serviceAccountName')) ?? text(field(spec, 'serviceAccount'));
  return keysOf(pod, [
    ...containersOf(spec).flatMap(ofContainer),
    ...list(field(spec, 'volumes')).flatMap(ofVolume),
    ...list(field(spec, 'imagePullSecrets')).map(secret),
    { resource: serviceAccounts.name, name: account },
  ]);
}

/** Key of the DeviceModel that a device is an instance of. */
export function deviceReferences(device: unknown): ObjectKey[] {
  const name = at(device, 'spec', 'deviceModelRef', 'name');
  return keysOf(device, [{ resource: deviceModels.name, name }]);
}

/** Key of the volume that a claim is bound to. Volumes belong to no namespace. */
export function claimReferences(claim: unknown): ObjectKey[] {
  const volume = text(at(claim, 'spec', 'volumeName'));
  return volume === undefined || volume.includes('/')
    ? []
    : [objectKey(persistentVolumes.name, '', volume)];
}

/** Keys of the Secrets with which the account's pods pull images. */
export function accountReferences(account: unknown): ObjectKey[] {
  return keysOf(account, list(field(account, 'imagePullSecrets')).map(secret));
}

/** Key of the role that a binding gives. */
export function bindingReferences(binding: unknown): ObjectKey[] {
  const name = text(at(binding, 'roleRef', 'name'));
  if (name === undefined || name.includes('/')) return [];
  if (text(at(binding, 'roleRef', 'kind')) === 'ClusterRole')
    return [objectKey(clusterRoles.name, '', name)];
  return keysOf(binding, [{ resource: roles.name, name }]);
}

/**
 * Keys of the ServiceAccounts that a binding gives a role to, each once: by name alone, as ServiceAccount or
 * as the user that one is. What is given to groups goes to no node for that.
 */
export function boundAccounts(binding: unknown): ObjectKey[] {
  const own = text(at(binding, 'metadata', 'namespace')) ?? '';
  const keys = list(field(binding, 'subjects')).flatMap((subject) => {
    const account = accountIn(subject);
    if (!account) return [];
    const { namespace = own, name } = account;
    if (`${namespace}${name}`.includes('/') || namespace === '') return [];
    return [objectKey(serviceAccounts.name, namespace, name)];
  });
  return [...new Set(keys)];
}

function accountIn(
  subject: unknown,
): { readonly namespace?: string | undefined; readonly name: string } | undefined {
  const name = text(field(subject, 'name')) ?? '';
  switch (field(subject, 'kind')) {
    case 'ServiceAccount':
      return name === '' ? undefined : { namespace: text(field(subject, 'namespace')), name };
    case 'User': {
      const [, namespace = '', account] =
        /^system:serviceaccount:([^:]+):([^:]+)$/.exec(name) ?? [];
      return account === undefined ? undefined : { namespace, name: account };
    }
    default:
      return undefined;
  }
}

function containersOf(spec: unknown): unknown[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((kind) =>
    list(field(spec, kind)),
  );
}

function ofContainer(container: unknown): Reference[] {
  const env = list(field(container, 'env')).map((variable) => field(variable, 'valueFrom'));
  const envFrom = list(field(container, 'envFrom'));
  return [
    ...env.flatMap((from) => [
      configMap(field(from, 'configMapKeyRef')),
      secret(field(from, 'secretKeyRef')),
    ]),
    ...envFrom.flatMap((from) => [
      configMap(field(from, 'configMapRef')),
      secret(field(from, 'secretRef')),
    ]),
  ];
}

function ofVolume(volume: unknown): Reference[] {
  const projected = list(at(volume, 'projected', 'sources'));
  const kinds = typeof volume === 'object' && volume !== null ? Object.values(volume) : [];
  return [
    configMap(field(volume, 'configMap')),
    {
      resource: persistentVolumeClaims.name,
      name: at(volume, 'persistentVolumeClaim', 'claimName'),
    },
    ...kinds.flatMap((kind) => [
      { resource: secrets.name, name: field(kind, 'secretName') }, // secret, azureFile
      secret(field(kind, 'secretRef')), // cephfs, flexVolume, iscsi, rbd, scaleIO, storageos
      secret(field(kind, 'nodePublishSecretRef')), // csi
    ]),
    ...projected.flatMap((source) => [
      configMap(field(source, 'configMap')),
      secret(field(source, 'secret')),
    ]),
  ];
}

function configMap(reference: unknown): Reference {
  return { resource: configMaps.name, name: field(reference, 'name') };
}

function secret(reference: unknown): Reference {
  return { resource: secrets.name, name: field(reference, 'name') };
}

function keysOf(object: unknown, references: readonly Reference[]): ObjectKey[] {
  const namespace = text(at(object, 'metadata', 'namespace')) ?? '';
  const keys = references.flatMap(({ resource, name }) => {
    const named = text(name);
    return named === undefined || named.includes('/')
      ? []
      : [objectKey(resource, namespace, named)];
  });
  return [...new Set(keys)];
}
