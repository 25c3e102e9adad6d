import { createHash } from 'node:crypto';
import { nodeName, type NodeName } from '@skerry/shared/names';
import { parseYamlStream } from '@skerry/shared/yaml';
import type { PodObject } from '../pod.ts';
import { PodUnfit } from '../pod-errors.ts';

/** Annotations by which a kubelet tells pods of files and their mirrors from others. */
export const annotation = {
  source: 'kubernetes.io/config.source',
  hash: 'kubernetes.io/config.hash',
  mirror: 'kubernetes.io/config.mirror',
} as const;

interface Manifest {
  readonly kind?: unknown;
  readonly metadata?: Partial<PodObject['metadata']>;
  readonly spec?: PodObject['spec'];
}

/**
 * The pods of one file, YAML or JSON, as this node runs them: `NAME-NODE`, with a uid that changes with
 * the file's content, so that a changed file is another pod. Throws when the file holds something else.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/
 */
export function staticPods(file: string, text: string, node: NodeName): PodObject[] {
  return parseYamlStream(text, file).map((value, index) => {
    const manifest = (value ?? {}) as Manifest;
    const { metadata = {}, spec } = manifest;
    const name = `${metadata.name ?? ''}-${node}`;
    if (manifest.kind !== 'Pod' || !spec || !Array.isArray(spec.containers) || !metadata.name)
      throw new PodUnfit(`${file}: not a Pod with a name and containers`);
    nodeName(name); // the same rule: an RFC 1123 subdomain
    const hash = createHash('sha256')
      .update(JSON.stringify([node, file, index, value]))
      .digest('hex')
      .slice(0, 32);
    return { metadata: named(name, hash, metadata), spec: { ...spec, nodeName: node } };
  });
}

function named(
  name: string,
  hash: string,
  { namespace = 'default', labels = {}, annotations = {} }: Partial<PodObject['metadata']>,
): PodObject['metadata'] {
  const own = { [annotation.source]: 'file', [annotation.hash]: hash };
  return { name, namespace, uid: hash, labels, annotations: { ...annotations, ...own } };
}

/** Whether the pod is one of a file: its uid is its hash, which no API server would give. */
export function isStatic({ metadata }: PodObject): boolean {
  return metadata.annotations?.[annotation.hash] === metadata.uid;
}

/** Whether the object only shows a pod of some node's file to the cluster. */
export function isMirror({ metadata }: PodObject): boolean {
  return metadata.annotations?.[annotation.mirror] !== undefined;
}

/** What shows a static pod to the cluster; undefined for any other pod. */
export function mirrorOf(pod: PodObject): object | undefined {
  if (!isStatic(pod)) return undefined;
  const { uid: hash, ...metadata } = pod.metadata;
  const annotations = { ...metadata.annotations, [annotation.mirror]: hash };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, annotations },
    spec: pod.spec,
  };
}
