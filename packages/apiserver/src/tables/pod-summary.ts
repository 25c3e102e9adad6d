import { listAt, objectAt, textAt, valueAt, type Json } from '../json.ts';
import { count } from './printer.ts';

/** A pod's state as `kubectl get pods` shows it. */
export interface PodSummary {
  readonly ready: number;
  readonly total: number;
  /** For example `Running`, `Init:0/1`, `CrashLoopBackOff` or `Terminating`. */
  readonly reason: string;
  readonly restarts: number;
  /** When a container last ended before a restart. */
  readonly lastRestart: string | undefined;
}

/** Sums up a pod: sidecars count as containers, an init container that is not done hides the rest. */
export function podSummary(pod: Json): PodSummary {
  const sidecars = sidecarsOf(pod);
  const init = initSummary(pod, sidecars);
  const isInitialized = hasCondition(pod, 'Initialized');
  const main =
    init.reason === undefined || isInitialized
      ? mainSummary(pod, init.reason ?? phaseReason(pod))
      : { ready: 0, reason: init.reason, restarts: [] };
  const restarts =
    init.reason === undefined || isInitialized
      ? [...init.restarts.filter(({ name }) => sidecars.has(name)), ...main.restarts]
      : init.restarts;
  return {
    ready: init.ready + main.ready,
    total: listAt(pod, 'spec', 'containers').length + sidecars.size,
    reason: overriddenByDeletion(pod, main.reason),
    restarts: restarts.reduce((sum, restart) => sum + restart.count, 0),
    lastRestart: latest(restarts),
  };
}

interface Restart {
  readonly name: string;
  readonly count: number;
  readonly at: string | undefined;
}

/** Init containers that stay: they restart always and count as containers. */
function sidecarsOf(pod: Json): Set<string> {
  const containers = listAt(pod, 'spec', 'initContainers');
  const staying = containers.filter((one) => textAt(one, 'restartPolicy') === 'Always');
  return new Set(staying.map((container) => textAt(container, 'name') ?? ''));
}

function phaseReason(pod: Json): string {
  const isGated = listAt(pod, 'status', 'conditions').some(
    (one) => textAt(one, 'type') === 'PodScheduled' && textAt(one, 'reason') === 'SchedulingGated',
  );
  if (isGated) return 'SchedulingGated';
  const reason = textAt(pod, 'status', 'reason') ?? '';
  return reason === '' ? (textAt(pod, 'status', 'phase') ?? '') : reason;
}

function initSummary(pod: Json, sidecars: ReadonlySet<string>) {
  const restarts: Restart[] = [];
  let ready = 0;
  for (const [index, status] of listAt(pod, 'status', 'initContainerStatuses').entries()) {
    const name = textAt(status, 'name') ?? '';
    restarts.push(restartOf(status));
    const isSidecar = sidecars.has(name) && valueAt(status, 'started') === true;
    const ended = objectAt(status, 'state', 'terminated');
    if (ended !== undefined && count(ended, 'exitCode') === 0) continue;
    if (!isSidecar) {
      const total = listAt(pod, 'spec', 'initContainers').length;
      return { ready, restarts, reason: `Init:${initReason(status) ?? `${index}/${total}`}` };
    }
    if (valueAt(status, 'ready') === true) ready++;
  }
  return { ready, restarts, reason: undefined };
}

function initReason(status: Json): string | undefined {
  const ended = objectAt(status, 'state', 'terminated');
  if (ended !== undefined) return endReason(ended);
  const waiting = textAt(status, 'state', 'waiting', 'reason') ?? '';
  return waiting === '' || waiting === 'PodInitializing' ? undefined : waiting;
}

function endReason(ended: Json): string {
  const reason = textAt(ended, 'reason') ?? '';
  if (reason !== '') return reason;
  const signal = count(ended, 'signal');
  return signal === 0 ? `ExitCode:${count(ended, 'exitCode')}` : `Signal:${signal}`;
}

function mainSummary(pod: Json, before: string) {
  const statuses = listAt(pod, 'status', 'containerStatuses');
  const running = statuses.filter(isServing).length;
  // The first container with something to tell decides.
  const told = statuses.map(mainReason).find((reason) => reason !== undefined);
  const reason = told ?? before;
  return {
    ready: running,
    restarts: statuses.map(restartOf),
    reason: reason === 'Completed' && running > 0 ? partly(pod) : reason,
  };
}

function isServing(status: Json): boolean {
  return (
    mainReason(status) === undefined &&
    valueAt(status, 'ready') === true &&
    objectAt(status, 'state', 'running') !== undefined
  );
}

function mainReason(status: Json): string | undefined {
  const waiting = textAt(status, 'state', 'waiting', 'reason') ?? '';
  if (waiting !== '') return waiting;
  const ended = objectAt(status, 'state', 'terminated');
  return ended && endReason(ended);
}

function partly(pod: Json): string {
  return hasCondition(pod, 'Ready') ? 'Running' : 'NotReady';
}

function hasCondition(pod: Json, type: string): boolean {
  return listAt(pod, 'status', 'conditions').some(
    (one) => textAt(one, 'type') === type && textAt(one, 'status') === 'True',
  );
}

function overriddenByDeletion(pod: Json, reason: string): string {
  const isDeleted = typeof valueAt(pod, 'metadata', 'deletionTimestamp') === 'string';
  if (!isDeleted) return reason;
  if (textAt(pod, 'status', 'reason') === 'NodeLost') return 'Unknown';
  const phase = textAt(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed' ? reason : 'Terminating';
}

function restartOf(status: Json): Restart {
  return {
    name: textAt(status, 'name') ?? '',
    count: count(status, 'restartCount'),
    at: textAt(status, 'lastState', 'terminated', 'finishedAt'),
  };
}

// RFC 3339 times in UTC sort as text.
function latest(restarts: readonly Restart[]): string | undefined {
  return restarts
    .map(({ at }) => at)
    .filter((at) => at !== undefined)
    .sort()
    .at(-1);
}
