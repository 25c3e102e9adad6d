/** How restarts are slowed down. */
export interface RestartLimits {
  /** Delay after the second failure in a row, milliseconds; the first is not delayed. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** A run of at least so long was no failure: the row begins anew. */
  readonly healthyAfterMs: number;
}

/**
 * CrashLoopBackOff: at once, then 10 s, 20 s, 40 s, … 5 min; begins anew after 10 min of running.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy
 */
export const CONTAINER_RESTARTS: RestartLimits = {
  firstMs: 10_000,
  maxMs: 300_000,
  healthyAfterMs: 600_000,
};

/** Sandboxes do nothing, so they end only when the machine or engine does: that is not their fault. */
export const SANDBOX_RESTARTS: RestartLimits = {
  firstMs: 1000,
  maxMs: 300_000,
  healthyAfterMs: 10_000,
};

/** A run that has ended. `streak` counts the failures in a row before it. */
export interface EndedRun {
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly streak: number;
}

export interface Restart {
  /** Not before; milliseconds since the epoch. */
  readonly at: number;
  /** What the run waited for. */
  readonly delayMs: number;
  /** Streak of the next run. */
  readonly streak: number;
}

/** An end that lies further ahead than this was noted by a clock that has been set back since. */
const CLOCK_DOUBT_MS = 60_000;

/** When to run again what has ended. */
export function restartOf(run: EndedRun, limits: RestartLimits, now: number): Restart {
  const ranMs = run.startedAt === 0 ? 0 : run.finishedAt - run.startedAt;
  const streak = ranMs >= limits.healthyAfterMs ? 0 : run.streak;
  const delayMs = delayOf(streak, limits);
  const isDoubtful = run.finishedAt > now + CLOCK_DOUBT_MS;
  return { at: isDoubtful ? now : run.finishedAt + delayMs, delayMs, streak: streak + 1 };
}

/** Delay after so many failures in a row, the latest not counted. */
export function delayOf(streak: number, { firstMs, maxMs }: RestartLimits): number {
  return streak === 0 ? 0 : Math.min(firstMs * 2 ** (streak - 1), maxMs);
}
