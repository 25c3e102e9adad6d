import type { NodeName, ObjectKey, Uid } from '@skerry/shared/names';
import { keyParts } from '@skerry/shared/names';
import { at, field, text } from '../kube/json-read.ts';
import type { KubeApi } from '../kube/kube-api.ts';
import { AlreadyExists, Conflict, NotFound } from '../kube/kube-errors.ts';
import { pods } from '../kube/resource.ts';
import { podReferences } from '../route/references.ts';
import type { CurrentObjects, KubeObject } from './current-objects.ts';
import type { Fields } from './merge-diff.ts';
import type { Refusal } from './report-writer.ts';

/** Carried by pods that only show what a node runs of a file of its own; the value is the file's hash. */
const MIRROR = 'kubernetes.io/config.mirror';

export interface MirrorParts {
  readonly api: KubeApi;
  readonly current: CurrentObjects;
}

export function isMirror({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[MIRROR] !== undefined;
}

/**
 * Sees to it that the cluster shows a node's static pod as it is now: made anew when it is missing, being
 * deleted, or of an older file. Resolves to the uid of what shows it.
 *
 * Refuses what NodeRestriction refuses: a mirror of another node, or one that refers to anything of the
 * cluster, for whoever refers to a Secret is given it (G8). Never touches a pod that is no mirror.
 *
 * Source: kubernetes.io/docs/reference/access-authn-authz/admission-controllers, “NodeRestriction”.
 */
export async function showMirror(
  { api, current }: MirrorParts,
  { node, key, mirror }: { node: NodeName; key: ObjectKey; mirror: Fields },
  signal: AbortSignal,
): Promise<Uid | Refusal> {
  const hash = text(at(mirror, 'metadata', 'annotations', MIRROR));
  const flaw = flawOf(node, key, mirror);
  if (flaw !== undefined) return refused(key, flaw);
  const held = await current.reread(pods, key, signal).catch(absent);
  if (held && (!isMirror(held) || at(held, 'spec', 'nodeName') !== node))
    return refused(key, 'bears the name of another pod');
  if (held && isCurrent(held, hash)) return held.metadata.uid as Uid;
  if (held) await removeMirror({ api, current }, key, held.metadata.uid as Uid, signal);
  const made = await api
    .create(pods, keyParts(key).namespace, mirror, signal)
    .catch((error: unknown) => {
      throw error instanceof AlreadyExists ? new Conflict(`${key} was made meanwhile`) : error;
    });
  return current.remember(key, made).metadata.uid as Uid;
}

function isCurrent({ metadata }: KubeObject, hash: string | undefined): boolean {
  return metadata.annotations?.[MIRROR] === hash && metadata.deletionTimestamp === undefined;
}

/** Gone already, or replaced by another: what was wanted has happened. */
async function removeMirror(
  { api, current }: MirrorParts,
  key: ObjectKey,
  uid: Uid,
  signal: AbortSignal,
): Promise<void> {
  current.forget(key);
  try {
    await api.delete(pods, key, { uid, graceSeconds: 0 }, signal);
  } catch (error) {
    if (!(error instanceof NotFound) && !(error instanceof Conflict)) throw error;
  }
}

function flawOf(node: NodeName, key: ObjectKey, mirror: Fields): string | undefined {
  const { namespace, name } = keyParts(key);
  const metadata = field(mirror, 'metadata');
  if (text(at(metadata, 'annotations', MIRROR)) === undefined) return 'says no hash';
  if (text(field(metadata, 'name')) !== name || text(field(metadata, 'namespace')) !== namespace)
    return 'shows a pod of another name';
  if (at(mirror, 'spec', 'nodeName') !== node) return `is not of ${node}`;
  const [reference] = podReferences(mirror);
  return reference === undefined ? undefined : `refers to ${reference}, which a static pod may not`;
}

function refused(key: ObjectKey, why: string): Refusal {
  return { do: 'refused', code: 'upstream.forbidden', reason: `the mirror ${key} ${why}` };
}

function absent(error: unknown): undefined {
  if (!(error instanceof NotFound)) throw error;
}
