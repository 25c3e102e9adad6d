export type ProbeKind = 'startup' | 'liveness' | 'readiness';

/** What a probe says of a container. `unknown` only until a startup probe has decided. */
export type Verdict = 'success' | 'failure' | 'unknown';

/** Sightings in a row that turn a verdict. */
export interface Thresholds {
  readonly success: number;
  readonly failure: number;
}

/** A verdict, and what has been seen in a row since. */
export interface Tally {
  readonly verdict: Verdict;
  readonly seen: 'success' | 'failure' | undefined;
  readonly inRow: number;
}

/** What is taken for true of a container before it was asked: alive, and not ready. */
const presumed: Readonly<Record<ProbeKind, Verdict>> = {
  startup: 'unknown',
  liveness: 'success',
  readiness: 'failure',
};

/** `held`: what an earlier agent has found out about the very same container. */
export function begun(kind: ProbeKind, held?: Verdict): Tally {
  return { verdict: held ?? presumed[kind], seen: undefined, inRow: 0 };
}

/**
 * A verdict turns only after enough sightings in a row. Source: `pkg/kubelet/prober/worker.go`.
 */
export function weigh(
  { verdict, seen: before, inRow: count }: Tally,
  seen: 'success' | 'failure',
  turnsAfter: Thresholds,
): Tally {
  const inRow = seen === before ? count + 1 : 1;
  return { verdict: inRow >= turnsAfter[seen] ? seen : verdict, seen, inRow };
}

/**
 * Whether a container is not asked any more: what has started stays so, and what is dead will be
 * ended. A container that only is not ready is asked on.
 */
export function isSettled(kind: ProbeKind, { verdict, seen }: Tally): boolean {
  if (seen === undefined || verdict === 'unknown') return false;
  return kind === 'startup' || (kind === 'liveness' && verdict === 'failure');
}
