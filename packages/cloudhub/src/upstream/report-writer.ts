import type { ReportOutcome } from '@skerry/shared/delivery/report';
import type { NodeName, ObjectKey } from '@skerry/shared/names';

/** A report on its way: who says what about which object. */
export interface Submission {
  readonly node: NodeName;
  readonly key: ObjectKey;
  /** JSON, of whatever shape the node has sent. */
  readonly payload: unknown;
}

/**
 * Brings one report to the API server. Resolves with its verdict; throws a KubeError whose disposition
 * says whether to come again. Bears being asked twice with the same report.
 */
export type ReportWriter = (submission: Submission, signal: AbortSignal) => Promise<ReportOutcome>;

export type Refusal = Extract<ReportOutcome, { do: 'refused' }>;

export const accepted: ReportOutcome = { do: 'accepted' };

/** The node speaks of an object that is not placed on it (G8). */
export function forbidden(node: NodeName, key: ObjectKey): Refusal {
  return { do: 'refused', code: 'upstream.forbidden', reason: `${key} is not placed on ${node}` };
}

/** The object is gone, or another bears its name by now. */
export function notFound(key: ObjectKey): Refusal {
  return { do: 'refused', code: 'upstream.not-found', reason: `${key} is gone` };
}

/** The payload is not what docs/PROTOCOL.md says about this resource. */
export function malformed(key: ObjectKey, why: string): Refusal {
  return { do: 'refused', code: 'upstream.malformed', reason: `${key}: ${why}` };
}

/** No report may be made about this resource. */
export function unsupported(key: ObjectKey): Refusal {
  return { do: 'refused', code: 'upstream.unsupported', reason: `nodes do not report on ${key}` };
}
