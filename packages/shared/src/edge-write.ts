import {
  isObjectKey,
  keyParts,
  objectKey,
  resourceName,
  type ObjectKey,
  type ResourceName,
} from './names.ts';

/** A label or annotation as somebody at an edge wants it. */
export interface FieldWish {
  /** null: it is to go. */
  readonly to: string | null;
  /** What it was then, as far as the edge knew; null: it was not there. */
  readonly over: string | null;
}

/** By label or annotation. */
export type FieldWishes = Readonly<Record<string, FieldWish>>;

/**
 * What people and programs at an edge want of one object that is placed there, on its way to the API
 * server: all of it that has not been taken yet, so that a newer write stands for an older one
 * [PROTOCOL §10].
 */
export interface EdgeWrite {
  readonly object: ObjectKey;
  readonly uid: string;
  readonly labels: FieldWishes;
  readonly annotations: FieldWishes;
  /** A pod is to go; `ended`: its containers have, at the edge. */
  readonly deletion?: { readonly ended: boolean; readonly graceSeconds?: number } | undefined;
}

/** Not a kind of the cluster: what is reported under it are writes. */
export const writesResource: ResourceName = resourceName('writes', 'edge.skerry.io');

/** Under which key the writes of an object are reported: beside what is reported of the object itself. */
export function writeKey(object: ObjectKey): ObjectKey {
  const { resource, namespace, name } = keyParts(object);
  return objectKey(writesResource, namespace, `${resource}:${name}`);
}

/** Objects of which labels and annotations may be written at an edge. */
export const writableResources: readonly ResourceName[] = [
  resourceName('pods'),
  resourceName('configmaps'),
  resourceName('devices', 'devices.kubeedge.io'),
];

/** Restarts the containers of a pod whenever it changes. */
export const restartAnnotation = 'edge.skerry.io/restarted-at';

const reserved = /^([^/]+\.)?(kubernetes\.io|k8s\.io|skerry\.io|kubeedge\.io)$/;

/** Labels and annotations that steer the cluster or this system are not an edge's to write. */
export function isWritableField(name: string): boolean {
  if (name === restartAnnotation) return true;
  const slash = name.indexOf('/');
  return slash < 0 || !reserved.test(name.slice(0, slash));
}

/**
 * Pure: what becomes of a wish, given what is there now. It is written where there still is what the edge
 * saw; otherwise somebody wrote in the cluster meanwhile, and that stays.
 */
export function decideField(
  now: string | null,
  { to, over }: FieldWish,
): 'write' | 'done' | 'lose' {
  if (now === to) return 'done';
  return now === over ? 'write' : 'lose';
}

/** Reads what an edge has sent; undefined where it is no write. */
export function readEdgeWrite(payload: unknown): EdgeWrite | undefined {
  const { object, uid, labels, annotations, deletion } = fieldsOf(payload);
  if (typeof object !== 'string' || typeof uid !== 'string' || !isObjectKey(object))
    return undefined;
  const [named, noted] = [wishesIn(labels), wishesIn(annotations)];
  if (!named || !noted) return undefined;
  const { ended, graceSeconds } = fieldsOf(deletion);
  const grace = Number.isSafeInteger(graceSeconds) ? { graceSeconds: graceSeconds as number } : {};
  return {
    ...{ object, uid, labels: named, annotations: noted },
    ...(deletion !== undefined && { deletion: { ended: ended === true, ...grace } }),
  };
}

function wishesIn(value: unknown): FieldWishes | undefined {
  const wishes = Object.entries(fieldsOf(value));
  const isWish = (wish: unknown): wish is FieldWish =>
    isTextOrNull(fieldsOf(wish)['to']) && isTextOrNull(fieldsOf(wish)['over']);
  if (!wishes.every(([, wish]) => isWish(wish))) return undefined;
  return Object.fromEntries(wishes) as FieldWishes;
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
