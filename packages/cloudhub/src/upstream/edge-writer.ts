import {
  decideField,
  isWritableField,
  readEdgeWrite,
  type EdgeWrite,
  type FieldWishes,
} from '@skerry/shared/edge-write';
import type { ReportOutcome } from '@skerry/shared/delivery/report';
import { keyParts, type Uid } from '@skerry/shared/names';
import { field, text } from '../kube/json-read.ts';
import type { KubeApi } from '../kube/kube-api.ts';
import { Conflict, NotFound } from '../kube/kube-errors.ts';
import { configMaps, devices, pods, type ResourceType } from '../kube/resource.ts';
import type { CurrentObjects, KubeObject } from './current-objects.ts';
import type { Placements } from './event-writer.ts';
import type { Fields } from './merge-diff.ts';
import {
  accepted,
  forbidden,
  malformed,
  notFound,
  unsupported,
  type ReportWriter,
} from './report-writer.ts';
import { conflictRetries } from './status-writer.ts';

export interface EdgeWriterParts {
  readonly api: KubeApi;
  readonly current: CurrentObjects;
  readonly placement: Placements;
}

/** Where a label or annotation stands. */
const maps = ['labels', 'annotations'] as const;
const types: ReadonlyMap<string, ResourceType> = new Map(
  [pods, configMaps, devices].map((type) => [type.name, type]),
);

/**
 * Brings to the API server what people at a node wrote of the objects placed there: labels, annotations,
 * the deletion of a pod. A label that somebody in the cluster has written meanwhile stays, and the refusal
 * names it; a pod with the same uid is deleted whatever was written to it. Bears being asked twice.
 */
export function edgeWriter(parts: EdgeWriterParts): ReportWriter {
  return async ({ node, key, payload }, signal) => {
    const write = readEdgeWrite(payload);
    if (!write) return malformed(key, 'needs an object, its uid, labels and annotations');
    const type = types.get(keyParts(write.object).resource);
    if (!type || (write.deletion && type !== pods)) return unsupported(write.object);
    if (!parts.placement.find(write.object)) return goneFor(write);
    if (!parts.placement.isPlaced(node, write.object)) return forbidden(node, write.object);
    try {
      const outcome = await writeFields(parts, type, write, signal);
      if (write.deletion) await remove(parts, write, signal);
      return outcome;
    } catch (error) {
      if (error instanceof NotFound) return goneFor(write);
      throw error;
    }
  };
}

/** What was to go is gone; what was to be changed cannot be. */
function goneFor({ object, deletion }: EdgeWrite): ReportOutcome {
  return deletion ? accepted : notFound(object);
}

async function writeFields(
  { api, current }: EdgeWriterParts,
  type: ResourceType,
  write: EdgeWrite,
  signal: AbortSignal,
): Promise<ReportOutcome> {
  for (let attempt = 1; ; attempt++) {
    const object = await current.reread(type, write.object, signal);
    if (object.metadata.uid !== write.uid) return goneFor(write);
    const { patch, lost } = decide(object, write);
    try {
      if (patch) {
        const body = { metadata: { resourceVersion: object.metadata.resourceVersion, ...patch } };
        current.remember(
          write.object,
          await api.patch(type, write.object, { kind: 'merge', body }, signal),
        );
      }
      return lost.length === 0 ? accepted : refusal(lost);
    } catch (error) {
      if (!(error instanceof Conflict) || attempt >= conflictRetries) throw error;
    }
  }
}

function decide(
  object: KubeObject,
  write: EdgeWrite,
): { readonly patch: Fields | undefined; readonly lost: readonly string[] } {
  const lost: string[] = [];
  const changed: Record<string, Record<string, string | null>> = {};
  for (const map of maps)
    for (const [name, wish] of Object.entries<FieldWishes[string]>(write[map])) {
      const now = text(field(object.metadata[map], name)) ?? null;
      const decision = isWritableField(name) ? decideField(now, wish) : 'lose';
      if (decision === 'write') (changed[map] ??= {})[name] = wish.to;
      if (decision === 'lose')
        lost.push(`${map}/${name}: ${said(now)} in the cluster, not ${said(wish.to)}`);
    }
  return { patch: Object.keys(changed).length > 0 ? changed : undefined, lost };
}

function said(value: string | null): string {
  return value === null ? 'absent' : JSON.stringify(value);
}

function refusal(lost: readonly string[]): ReportOutcome {
  const reason = `written in the cluster meanwhile, which stays: ${lost.join('; ')}`;
  return { do: 'refused', code: 'upstream.conflict', reason };
}

/** The API server marks the pod; once its containers have ended it goes at once. */
async function remove(
  { api, current }: EdgeWriterParts,
  { object, uid, deletion }: EdgeWrite,
  signal: AbortSignal,
): Promise<void> {
  const graceSeconds = deletion?.ended === true ? 0 : deletion?.graceSeconds;
  const insisting = { uid: uid as Uid, ...(graceSeconds !== undefined && { graceSeconds }) };
  try {
    await api.delete(pods, object, insisting, signal);
    current.forget(object);
  } catch (error) {
    // another pod bears the name by now: the one that was to go has gone
    if (!(error instanceof NotFound) && !(error instanceof Conflict)) throw error;
  }
}
