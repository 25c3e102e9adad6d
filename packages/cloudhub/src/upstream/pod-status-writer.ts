import type { Clock } from '@skerry/shared/clock';
import type { ReportOutcome } from '@skerry/shared/delivery/report';
import type { ObjectKey, Uid } from '@skerry/shared/names';
import { at, field, text } from '../kube/json-read.ts';
import type { KubeApi } from '../kube/kube-api.ts';
import { Conflict, NotFound } from '../kube/kube-errors.ts';
import { pods } from '../kube/resource.ts';
import { conditionsOf, mergeConditions, overlay } from './conditions.ts';
import type { CurrentObjects, KubeObject } from './current-objects.ts';
import { isFields, type Fields } from './merge-diff.ts';
import { isMirror, showMirror } from './mirror-pods.ts';
import { accepted, forbidden, malformed, notFound, type ReportWriter } from './report-writer.ts';
import type { DecideStatus, StatusWriter } from './status-writer.ts';

/** Fields of a PodStatus that only the node knows: gone when the node does not state them. */
const ownedByNode = [
  'phase',
  'message',
  'reason',
  'hostIP',
  'hostIPs',
  'podIP',
  'podIPs',
  'startTime',
  'initContainerStatuses',
  'containerStatuses',
  'ephemeralContainerStatuses',
];

export interface PodWriterParts {
  readonly api: KubeApi;
  readonly current: CurrentObjects;
  readonly statuses: StatusWriter;
  readonly clock: Clock;
}

/**
 * Writes what a node says about its pods: `{uid, status, gone, mirror}`. A pod that is being deleted and
 * that the node has ended (`gone`) is removed for good, as a kubelet does. One that the node has of a file
 * of its own is shown by its `mirror`, which goes whenever the node says so.
 *
 * Refuses a pod of another node, and one that no longer exists or whose name another pod bears by now.
 *
 * Source: kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle, “Termination of Pods”.
 */
export function podStatusWriter({ api, current, statuses, clock }: PodWriterParts): ReportWriter {
  return async ({ node, key, payload }, signal) => {
    const said = readPayload(payload);
    if (!said) return malformed(key, 'needs a uid and a status');
    const { status, gone, mirror } = said;
    const uid = mirror
      ? await showMirror({ api, current }, { node, key, mirror }, signal)
      : said.uid;
    if (typeof uid === 'object') return uid;
    const decide: DecideStatus = (pod) => {
      if (at(pod, 'spec', 'nodeName') !== node) return forbidden(node, key);
      if (pod.metadata.uid !== uid) return notFound(key);
      return { do: 'write', status: podStatus(pod.status ?? {}, status, clock.now()) };
    };
    try {
      const written = await statuses.write({ type: pods, key, fresh: gone }, decide, signal);
      if (written.do === 'refused') return written;
      if (gone && mayGo(written.object)) await remove({ api, current }, key, uid as Uid, signal);
      return accepted;
    } catch (error) {
      if (error instanceof NotFound) return notFound(key);
      throw error;
    }
  };
}

interface Said {
  readonly uid: string;
  readonly status: Fields;
  readonly gone: boolean;
  /** What shows a pod of the node's own to the cluster. */
  readonly mirror: Fields | undefined;
}

function readPayload(payload: unknown): Said | undefined {
  const [status, mirror] = [field(payload, 'status'), field(payload, 'mirror')];
  const uid = text(field(payload, 'uid'));
  if (uid === undefined || !isFields(status)) return undefined;
  return {
    uid,
    status,
    gone: field(payload, 'gone') === true,
    mirror: isFields(mirror) ? mirror : undefined,
  };
}

function mayGo(pod: KubeObject): boolean {
  return pod.metadata.deletionTimestamp !== undefined || isMirror(pod);
}

/** The status of a pod after its node has reported. */
export function podStatus(current: Fields, reported: Fields, nowMs: number): Fields {
  return {
    ...overlay(current, reported, ownedByNode),
    conditions: mergeConditions(conditionsOf(current), conditionsOf(reported), nowMs),
  };
}

/** Gone already, or replaced by another of that name: what was wanted has happened. */
async function remove(
  { api, current }: Pick<PodWriterParts, 'api' | 'current'>,
  key: ObjectKey,
  uid: Uid,
  signal: AbortSignal,
): Promise<ReportOutcome> {
  current.forget(key);
  try {
    await api.delete(pods, key, { uid, graceSeconds: 0 }, signal);
  } catch (error) {
    if (!(error instanceof NotFound) && !(error instanceof Conflict)) throw error;
  }
  return accepted;
}
