import { isDeepStrictEqual } from 'node:util';
import type { ObjectKey, Version } from '@skerry/shared/names';
import type { Reporter } from '../link/reporter.ts';
import type { ObservedPod } from '../runtime/observed.ts';
import type { PodObject, PodStatus } from './pod.ts';
import type { PodMemory } from './pod-memory.ts';
import { remember } from './pod-record.ts';
import type { PodRecords } from './pod-records.ts';
import { isContradicted } from './pod-status.ts';
import { mirrorOf } from './static/static-manifest.ts';

export interface PodNews {
  readonly key: ObjectKey;
  readonly object: PodObject;
  readonly version: Version;
  readonly status: PodStatus;
  /** With what is only remembered. */
  readonly observed: ObservedPod;
}

/**
 * Reports a pod's status when it has changed, or when the API server shows another than was reported, and
 * keeps what a restart must not forget. In this order, which the disk keeps: what was not reported is
 * reported again.
 */
export async function settleStatus(
  { reporter, records }: { readonly reporter: Reporter; readonly records: PodRecords },
  memory: PodMemory,
  { key, object, version, status, observed }: PodNews,
): Promise<void> {
  const isNew = memory.comparedVersion !== version;
  memory.comparedVersion = version;
  const mustSay =
    !isDeepStrictEqual(memory.kept.reported, status) ||
    (isNew && isContradicted(status, object.status));
  const payload = { uid: memory.uid, status, gone: false, mirror: mirrorOf(object) };
  const record = { ...remember(memory.record, observed), reported: status };
  memory.record = record;
  await Promise.all([
    mustSay && send(reporter, key, payload),
    !isDeepStrictEqual(record, memory.kept) && records.keep(memory.uid, record),
  ]);
  memory.kept = record;
}

/** Says that nothing of a deleted pod is left here. */
export async function reportGone(
  reporter: Reporter,
  key: ObjectKey,
  uid: string,
  status: PodStatus,
): Promise<void> {
  await send(reporter, key, { uid, status, gone: true });
}

interface PodPayload {
  readonly uid: string;
  readonly status: PodStatus;
  readonly gone: boolean;
  /** What shows the pod to the cluster, where the cluster has not made it. */
  readonly mirror?: object | undefined;
}

function send(reporter: Reporter, key: ObjectKey, payload: PodPayload): Promise<void> {
  return reporter.report({
    class: 'status',
    key,
    payload: Buffer.from(JSON.stringify(payload)),
  });
}
