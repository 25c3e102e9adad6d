import type { KubeObject } from '@skerry/apiserver/json';
import { kubeTime } from '@skerry/shared/clock';
import type { EdgeWrite, FieldWishes } from '@skerry/shared/edge-write';
import { parseJson } from '@skerry/shared/parse-json';
import type { HeldObject } from '../meta/object-reader.ts';

/** What was written here of one object and the cluster does not show yet. */
export interface Pending extends EdgeWrite {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The version held here when the cluster had taken it: the next one shows it. Absent: it has not. */
  readonly acceptedAt?: string | undefined;
}

const defaultGraceSeconds = 30;

/** Pure: an object with what was written of it here. Another that bears the name is left alone. */
export function applied(held: HeldObject, pending: Pending | undefined, now: number): HeldObject {
  if (!pending || pending.uid !== (held.uid as string)) return held;
  const object = parseJson(held.object) as KubeObject;
  const { metadata } = object;
  const next = {
    ...object,
    metadata: {
      ...metadata,
      labels: mapped(metadata.labels, pending.labels),
      annotations: mapped(metadata.annotations, pending.annotations),
      ...deletionOf(object, pending, now),
    },
  };
  return { ...held, object: Buffer.from(JSON.stringify(next)) };
}

/** Whether the labels or annotations written here differ from what is held. */
export function changes(
  held: HeldObject,
  { labels, annotations }: Pick<Pending, 'labels' | 'annotations'>,
): boolean {
  const { metadata } = parseJson(held.object) as KubeObject;
  const differs = (now: Readonly<Record<string, string>> = {}, wishes: FieldWishes): boolean => {
    const values = new Map(Object.entries(now)); // a label may be named `constructor`
    return Object.entries(wishes).some(([name, { to }]) => (values.get(name) ?? null) !== to);
  };
  return differs(metadata.labels, labels) || differs(metadata.annotations, annotations);
}

/** In words: `labels/x, annotations/y, deletion`. */
export function pendingWords(pending: Pending | undefined, uid: string): readonly string[] {
  if (pending?.uid !== uid) return [];
  const { labels, annotations, deletion } = pending;
  return [
    ...Object.keys(labels)
      .sort()
      .map((name) => `labels/${name}`),
    ...Object.keys(annotations)
      .sort()
      .map((name) => `annotations/${name}`),
    ...(deletion ? ['deletion'] : []),
  ];
}

function mapped(
  before: Readonly<Record<string, string>> = {},
  wishes: FieldWishes,
): Record<string, string> {
  const after = new Map(Object.entries(before));
  for (const [name, { to }] of Object.entries(wishes))
    if (to === null) after.delete(name);
    else after.set(name, to);
  return Object.fromEntries(after);
}

/** As an API server marks a pod that is to go, unless the cluster has done so already. */
function deletionOf(
  { metadata, ...object }: KubeObject,
  { deletion, at }: Pending,
  now: number,
): { readonly deletionTimestamp?: string; readonly deletionGracePeriodSeconds?: number } {
  if (!deletion || metadata.deletionTimestamp !== undefined) return {};
  const { terminationGracePeriodSeconds } = (object['spec'] ?? {}) as Readonly<
    Record<string, unknown>
  >;
  const asked = deletion.graceSeconds ?? terminationGracePeriodSeconds;
  const wanted = typeof asked === 'number' ? asked : defaultGraceSeconds;
  const grace = wanted < 0 ? 1 : wanted; // as an API server understands it
  return {
    deletionTimestamp: kubeTime(Math.min(at, now) + grace * 1_000),
    deletionGracePeriodSeconds: grace,
  };
}
