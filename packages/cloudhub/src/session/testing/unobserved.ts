import type { SessionObserver } from '../session-parts.ts';

/** Counts nothing. */
export const unobserved: SessionObserver = {
  delivered: () => undefined,
  refused: () => undefined,
  skipped: () => undefined,
  ended: () => undefined,
};
