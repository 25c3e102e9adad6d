import { textAt, objectAt, type Json } from '@skerry/apiserver/json';
import { resourceName } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import type { ObjectReader } from '../../meta/object-reader.ts';

const PODS = resourceName('pods');

/** A pod by its name, or pods by their labels. */
export interface PodWish {
  readonly namespace: string;
  readonly pod: string | undefined;
  readonly labels: Readonly<Record<string, string>> | undefined;
}

/** Names of the pods that are meant: the one that is named, or those of this node with the labels. */
export async function namedPods(
  objects: ObjectReader,
  { namespace, pod, labels = {} }: PodWish,
): Promise<string[]> {
  if (pod !== undefined) return [pod];
  const held = await objects.list(PODS);
  return held.flatMap(({ object }) => {
    const json = parseJson(object) as Json;
    const has = objectAt(json, 'metadata', 'labels') ?? {};
    const isMeant =
      textAt(json, 'metadata', 'namespace') === namespace &&
      Object.entries(labels).every(([key, value]) => has[key] === value);
    return isMeant ? (textAt(json, 'metadata', 'name') ?? []) : [];
  });
}
