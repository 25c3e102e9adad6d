import type { SessionObserver } from '../session-parts.ts';

/** Counts nothing. */
export const unobserved: SessionObserver = {
  delivered: () => undefined,
  acked: () => undefined,
  refused: () => undefined,
  skipped: () => undefined,
  ended: () => undefined,
};
