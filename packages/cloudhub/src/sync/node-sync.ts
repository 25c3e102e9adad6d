import { kubeTime } from '@skerry/shared/clock';
import type { DeadLetter } from '../ledger/dead-letters.ts';
import type { SessionView } from '../session/session-parts.ts';

/** Dead letters shown; the count is of all. */
export const shownDeadLetters = 20;

/** A condition as Kubernetes has them. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

/** `status` of a NodeSync: how far one node is level with the cluster. Times are RFC 3339. */
export interface NodeSyncStatus {
  readonly connected: boolean;
  /** Connected, and everything it should hold is on its disk. */
  readonly inSync: boolean;
  /** Changes that are not on the node's disk yet. */
  readonly pending: number;
  readonly oldestPendingSeconds: number;
  /** Objects on the node's disk that it has not acted upon yet. */
  readonly unapplied: number;
  readonly lastAckTime: string | null;
  /** Of every (key, uid, version) acknowledged, hexadecimal. */
  readonly digest: string | null;
  readonly deadLetterCount: number;
  readonly deadLetters: readonly ShownLetter[];
  /** Which hub the node is, or was, connected to. */
  readonly hub: string;
  readonly session: string | null;
  readonly conditions: readonly Condition[];
}

interface ShownLetter {
  readonly object: string;
  readonly version: string;
  readonly code: string;
  readonly reason: string;
  readonly time: string;
}

/** What is to be shown of a node; `before` is what was shown last, `now` milliseconds since the epoch. */
export function nodeSyncStatus(
  view: SessionView | undefined,
  before: NodeSyncStatus | undefined,
  { hub, now }: { readonly hub: string; readonly now: number },
): NodeSyncStatus {
  const status = view ? connected(view) : gone(before);
  const conditions = [
    condition('Connected', status.connected, status.connected ? 'Session' : 'NoSession', ''),
    condition('InSync', status.inSync, ...whyInSync(status)),
    condition('Applied', status.unapplied === 0, ...whyApplied(status)),
    condition('Accepted', status.deadLetterCount === 0, ...whyAccepted(status)),
  ].map((fresh) => ({ ...fresh, lastTransitionTime: since(fresh, before, now) }));
  return { ...status, hub, conditions };
}

type Facts = Omit<NodeSyncStatus, 'hub' | 'conditions'>;

function connected(view: SessionView): Facts {
  const pending = view.pending + view.inflight;
  const digest = view.digest();
  return {
    connected: true,
    inSync: view.phase === 'streaming' && pending === 0,
    pending,
    oldestPendingSeconds: Math.floor((view.oldestMs ?? 0) / 1_000),
    unapplied: view.unapplied,
    lastAckTime: view.lastAckAt === undefined ? null : kubeTime(view.lastAckAt),
    digest: digest ? Buffer.from(digest).toString('hex') : null,
    deadLetterCount: view.refused,
    deadLetters: view.dead().slice(0, shownDeadLetters).map(shown),
    session: view.id,
  };
}

/** Nothing is known of a node that is not connected, but what it acknowledged last. */
function gone(before: NodeSyncStatus | undefined): Facts {
  return {
    connected: false,
    inSync: false,
    pending: 0,
    oldestPendingSeconds: 0,
    unapplied: 0,
    lastAckTime: before?.lastAckTime ?? null,
    digest: before?.digest ?? null,
    deadLetterCount: before?.deadLetterCount ?? 0,
    deadLetters: before?.deadLetters ?? [],
    session: null,
  };
}

function shown({ key, version, code, reason, at }: DeadLetter): ShownLetter {
  return { object: key, version: String(version), code, reason, time: kubeTime(at) };
}

function whyInSync({ connected, inSync, pending }: Facts): [string, string] {
  if (inSync) return ['Level', ''];
  return connected ? ['Behind', `${pending} changes are on their way`] : ['NoSession', ''];
}

function whyApplied({ unapplied }: Facts): [string, string] {
  return unapplied === 0 ? ['Done', ''] : ['Working', `${unapplied} objects are not acted upon`];
}

function whyAccepted({ deadLetterCount }: Facts): [string, string] {
  return deadLetterCount === 0
    ? ['NothingRefused', '']
    : ['Refused', `the node refused ${deadLetterCount} objects; see status.deadLetters`];
}

type Fresh = Omit<Condition, 'lastTransitionTime'>;

function condition(type: string, isTrue: boolean, reason: string, message: string): Fresh {
  return { type, status: isTrue ? 'True' : 'False', reason, message };
}

/** A condition that says the same as before has said so since then. */
function since({ type, status }: Fresh, before: NodeSyncStatus | undefined, now: number): string {
  const old = before?.conditions.find((condition) => condition.type === type);
  return old?.status === status ? old.lastTransitionTime : kubeTime(now);
}

/** What is written at once; everything else may wait. */
export function hasFlipped(before: NodeSyncStatus | undefined, next: NodeSyncStatus): boolean {
  return (
    before?.connected !== next.connected ||
    before.inSync !== next.inSync ||
    before.deadLetterCount !== next.deadLetterCount ||
    before.session !== next.session
  );
}

/**
 * Whether a session has nothing to tell since `before`. Cheap: it is asked about every node every second.
 * What waits counts on by itself.
 */
export function isUnmoved(before: SessionView | undefined, now: SessionView): boolean {
  return (
    before?.id === now.id &&
    before.phase === now.phase &&
    before.lastAckAt === now.lastAckAt &&
    before.unapplied === now.unapplied &&
    before.refused === now.refused &&
    isIdle(before) &&
    isIdle(now)
  );
}

function isIdle({ pending, inflight }: SessionView): boolean {
  return pending + inflight === 0;
}

/** Whether two statuses say the same. */
export function saysTheSame(one: NodeSyncStatus | undefined, other: NodeSyncStatus): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
