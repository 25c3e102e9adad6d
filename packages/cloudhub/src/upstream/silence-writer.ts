import { madeAtAnnotation } from '@skerry/shared/alarms/silence';
import { keyParts, type NodeName, type ObjectKey, type Uid } from '@skerry/shared/names';
import { field } from '../kube/json-read.ts';
import type { KubeApi } from '../kube/kube-api.ts';
import { AlreadyExists, NotFound } from '../kube/kube-errors.ts';
import { apiVersionOf, silences } from '../kube/resource.ts';
import type { CurrentObjects, KubeObject } from './current-objects.ts';
import { isFields, mergeDiff, type Fields } from './merge-diff.ts';
import { accepted, malformed, type Refusal, type ReportWriter } from './report-writer.ts';

export interface SilenceWriterParts {
  readonly api: KubeApi;
  readonly current: CurrentObjects;
}

const said = ['matchLabels', 'startsAt', 'endsAt', 'comment'];

/**
 * Brings Silences that were made at a node to the cluster, `{spec}`, and ends them, `{gone: true}`. Such a
 * Silence is for this node alone, and bears its name; a node can neither change nor end another (G8).
 */
export function silenceWriter(parts: SilenceWriterParts): ReportWriter {
  return async ({ node, key, payload }, signal) => {
    const held = await reread(parts, key, signal);
    if (held && held.metadata.annotations?.[madeAtAnnotation] !== node) return foreign(node, key);
    if (field(payload, 'gone') === true) {
      if (held) await remove(parts, key, held, signal);
      return accepted;
    }
    const spec = field(payload, 'spec');
    if (!isFields(spec)) return malformed(key, 'needs a spec');
    const wanted = specFor(node, spec);
    if (!held) return create(parts, { node, key, wanted }, signal);
    const changed = mergeDiff(held.spec ?? {}, wanted);
    if (changed) {
      const patch = { kind: 'merge', body: { spec: changed } } as const;
      parts.current.remember(key, await parts.api.patch(silences, key, patch, signal));
    }
    return accepted;
  };
}

function specFor(node: NodeName, spec: Fields): Fields {
  const given = said.filter((name) => spec[name] !== undefined);
  return { nodeName: node, ...Object.fromEntries(given.map((name) => [name, spec[name]])) };
}

interface Creation {
  readonly node: NodeName;
  readonly key: ObjectKey;
  readonly wanted: Fields;
}

async function create(
  { api, current }: SilenceWriterParts,
  { node, key, wanted }: Creation,
  signal: AbortSignal,
): Promise<typeof accepted> {
  const object = {
    apiVersion: apiVersionOf(silences),
    kind: silences.kind,
    metadata: { name: keyParts(key).name, annotations: { [madeAtAnnotation]: node } },
    spec: wanted,
  };
  try {
    current.remember(key, await api.create(silences, '', object, signal));
    return accepted;
  } catch (error) {
    if (error instanceof AlreadyExists) return foreign(node, key);
    throw error;
  }
}

async function remove(
  { api, current }: SilenceWriterParts,
  key: ObjectKey,
  { metadata }: KubeObject,
  signal: AbortSignal,
): Promise<void> {
  current.forget(key);
  try {
    await api.delete(silences, key, { uid: metadata.uid as Uid }, signal);
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
  }
}

async function reread(
  { current }: SilenceWriterParts,
  key: ObjectKey,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  try {
    return await current.reread(silences, key, signal);
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

function foreign(node: NodeName, key: ObjectKey): Refusal {
  const reason = `the cluster has ${key}, which was not made at ${node}, and keeps it`;
  return { do: 'refused', code: 'upstream.conflict', reason };
}
