import { objectKey, resourceName, type ObjectKey } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import type { ObjectReader } from '../meta/object-reader.ts';
import type { Container, PodObject } from './pod.ts';
import { claimKey } from './volumes/claims.ts';
import type { Volume } from './volumes/volume.ts';

export type ReferenceKind = 'configmap' | 'secret';

const resources = {
  configmap: resourceName('configmaps'),
  secret: resourceName('secrets'),
} as const;

/** A ConfigMap's or Secret's entries as bytes. */
export type Entries = ReadonlyMap<string, Buffer>;

/** What the node holds of what a pod refers to. */
export type HeldReferences = ReadonlyMap<ObjectKey, Entries>;

export function referenceKey(kind: ReferenceKind, namespace: string, name: string): ObjectKey {
  return objectKey(resources[kind], namespace, name);
}

/** Every ConfigMap and Secret that the pod names, held here or not. */
export function referencesOf(pod: PodObject): Set<ObjectKey> {
  const { namespace } = pod.metadata;
  const { initContainers = [], containers, volumes = [], imagePullSecrets = [] } = pod.spec;
  const named = [
    ...[...initContainers, ...containers].flatMap(namedByContainer),
    ...volumes.flatMap(namedByVolume),
    ...imagePullSecrets.map(({ name }): Named => ['secret', name]),
  ];
  return new Set(
    named
      .filter(([, name]) => name !== undefined && name !== '')
      .map(([kind, name]) => referenceKey(kind, namespace, name ?? '')),
  );
}

/** All of these, and the claims that the pod's volumes name: when one changes, the pod is looked at. */
export function watchedBy(pod: PodObject): Set<ObjectKey> {
  const claims = (pod.spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
    claim ? [claimKey(pod.metadata.namespace, claim.claimName)] : [],
  );
  return new Set([...referencesOf(pod), ...claims]);
}

/** Reads the objects that are held; the others are absent from the answer. */
export async function readReferences(
  objects: ObjectReader,
  keys: Iterable<ObjectKey>,
): Promise<HeldReferences> {
  const found = await Promise.all(
    [...keys].map(async (key) => [key, await objects.get(key)] as const),
  );
  const held = new Map<ObjectKey, Entries>();
  for (const [key, object] of found)
    if (object) held.set(key, entriesOf(object.object, key.startsWith(`${resources.secret}/`)));
  return held;
}

interface KeyedData {
  readonly data?: Readonly<Record<string, string>> | null;
  readonly binaryData?: Readonly<Record<string, string>> | null;
}

/** A ConfigMap's `data` is text and its `binaryData` base64; a Secret's `data` is base64. */
function entriesOf(bytes: Uint8Array, isSecret: boolean): Entries {
  const { data, binaryData } = parseJson(bytes) as KeyedData;
  const encoding = isSecret ? 'base64' : 'utf8';
  const entries = new Map<string, Buffer>();
  for (const [key, text] of Object.entries(data ?? {}))
    entries.set(key, Buffer.from(text, encoding));
  for (const [key, text] of Object.entries(binaryData ?? {}))
    entries.set(key, Buffer.from(text, 'base64'));
  return entries;
}

type Named = readonly [ReferenceKind, string | undefined];

function namedByContainer({ env = [], envFrom = [] }: Container): Named[] {
  return [
    ...envFrom.flatMap(({ configMapRef, secretRef }): Named[] => [
      ['configmap', configMapRef?.name],
      ['secret', secretRef?.name],
    ]),
    ...env.flatMap(({ valueFrom }): Named[] => [
      ['configmap', valueFrom?.configMapKeyRef?.name],
      ['secret', valueFrom?.secretKeyRef?.name],
    ]),
  ];
}

function namedByVolume({ configMap, secret, projected }: Volume): Named[] {
  return [
    ['configmap', configMap?.name],
    ['secret', secret?.secretName],
    ...(projected?.sources ?? []).flatMap((source): Named[] => [
      ['configmap', source.configMap?.name],
      ['secret', source.secret?.name],
    ]),
  ];
}
