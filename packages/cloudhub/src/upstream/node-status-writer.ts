import type { Clock } from '@skerry/shared/clock';
import { keyParts, type NodeName, type ObjectKey } from '@skerry/shared/names';
import { field, text } from '../kube/json-read.ts';
import type { KubeApi } from '../kube/kube-api.ts';
import { AlreadyExists, Conflict, NotFound } from '../kube/kube-errors.ts';
import { nodes } from '../kube/resource.ts';
import { conditionsOf, mergeConditions, overlay } from './conditions.ts';
import type { CurrentObjects, KubeObject } from './current-objects.ts';
import { isFields, mergeDiff, type Fields } from './merge-diff.ts';
import { edgeLabel, permittedLabels } from './node-labels.ts';
import { accepted, forbidden, malformed, type ReportWriter } from './report-writer.ts';
import type { DecideStatus, StatusWriter } from './status-writer.ts';

/** A status that differs in nothing but its heartbeats is written this often, milliseconds. */
export const heartbeatWriteMs = 300_000;

/** Fields of a NodeStatus that only the node knows. */
const ownedByNode = ['capacity', 'allocatable', 'addresses', 'nodeInfo', 'images'];

export interface NodeWriterParts {
  readonly api: KubeApi;
  readonly current: CurrentObjects;
  readonly statuses: StatusWriter;
  readonly clock: Clock;
}

interface NodeReport {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly status: Fields;
}

/**
 * Writes what a node says about itself: `{labels, annotations, status}`. Registers the Node when there
 * is none. Decides on what the server has, not on what was last seen: a node that comes back must not
 * stay NotReady because the news of that is still on its way to us.
 */
export function nodeStatusWriter(parts: NodeWriterParts): ReportWriter {
  const { statuses, clock } = parts;
  return async ({ node, key, payload }, signal) => {
    if (keyParts(key).name !== (node as string)) return forbidden(node, key);
    const report = parseReport(payload);
    if (!report) return malformed(key, 'needs labels, annotations and a status');
    const decide: DecideStatus = ({ status = {} }) => ({
      do: 'write',
      status: nodeStatus(status, report.status, clock.now()),
    });
    try {
      const registered = await register(parts, { node, key, report }, signal);
      const written = await statuses.write(
        { type: nodes, key, fresh: registered === 'already' },
        decide,
        signal,
      );
      return written.do === 'refused' ? written : accepted;
    } catch (error) {
      if (error instanceof NotFound)
        throw new Conflict(`${key} vanished meanwhile`, { cause: error });
      throw error;
    }
  };
}

/** The status of a Node after its node has reported; the same object when nothing is worth a write. */
export function nodeStatus(current: Fields, reported: Fields, nowMs: number): Fields {
  const conditions = mergeConditions(conditionsOf(current), conditionsOf(reported), nowMs);
  const next = { ...overlay(current, reported, ownedByNode), conditions };
  const silentMs = newestHeartbeat(next) - newestHeartbeat(current);
  const same = mergeDiff(withoutHeartbeats(current), withoutHeartbeats(next)) === undefined;
  return same && silentMs < heartbeatWriteMs ? current : next;
}

interface Registration {
  readonly node: NodeName;
  readonly key: ObjectKey;
  readonly report: NodeReport;
}

/** Makes sure that the Node exists and carries the labels and annotations. */
async function register(
  { api, current }: NodeWriterParts,
  { node, key, report }: Registration,
  signal: AbortSignal,
): Promise<'already' | 'now'> {
  const known = await current.get(nodes, key, signal).catch((error: unknown) => {
    if (error instanceof NotFound) return undefined;
    throw error;
  });
  const metadata = known ? missingMetadata(known, report) : undefined;
  if (known && !metadata) return 'already';
  try {
    const answer = metadata
      ? await api.patch(nodes, key, { kind: 'merge', body: { metadata } }, signal)
      : await api.create(nodes, '', newNode(node, report), signal);
    current.remember(key, answer);
    return 'now';
  } catch (error) {
    current.forget(key);
    if (error instanceof AlreadyExists) return 'already';
    throw error;
  }
}

function newNode(node: NodeName, { labels, annotations }: NodeReport): object {
  const given = { [edgeLabel]: '', 'kubernetes.io/hostname': node, ...labels };
  return { apiVersion: 'v1', kind: 'Node', metadata: { name: node, labels: given, annotations } };
}

/** Labels and annotations that the Node lacks or has otherwise; others stay. */
function missingMetadata({ metadata }: KubeObject, report: NodeReport): Fields | undefined {
  const labels = { ...metadata.labels, ...report.labels };
  const annotations = { ...metadata.annotations, ...report.annotations };
  return mergeDiff(
    { labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {} },
    { labels, annotations },
  );
}

function parseReport(payload: unknown): NodeReport | undefined {
  const [labels, annotations, status] = ['labels', 'annotations', 'status'].map((name) =>
    field(payload, name),
  );
  if (!isFields(status)) return undefined;
  return { labels: permittedLabels(texts(labels)), annotations: texts(annotations), status };
}

function texts(value: unknown): Record<string, string> {
  const entries = isFields(value) ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

function newestHeartbeat(status: Fields): number {
  const beats = conditionsOf(status).map((each) =>
    Date.parse(text(each['lastHeartbeatTime']) ?? ''),
  );
  return Math.max(0, ...beats.filter((beat) => !Number.isNaN(beat)));
}

function withoutHeartbeats(status: Fields): Fields {
  const conditions = conditionsOf(status).map(({ lastHeartbeatTime: _, ...rest }) => rest);
  return { ...status, conditions };
}
