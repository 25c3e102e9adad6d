/** What the catching loop does: try again later, refuse the input and move on, or stop the process. */
export type Disposition = 'retry' | 'reject' | 'fatal';

/**
 * Every error of ours says what to do about it.
 *
 * `code` is stable and greppable: it travels in nacks and appears in logs and metrics.
 */
export abstract class EdgeError extends Error {
  abstract readonly code: `${string}.${string}`;
  abstract readonly disposition: Disposition;
  override get name(): string {
    return this.constructor.name;
  }
}

/** A bug of ours: a promise the code makes to itself was broken. */
export class InvariantViolation extends EdgeError {
  readonly code = 'internal.invariant';
  readonly disposition = 'fatal';
}

/** Configuration that no restart can mend: the process exits with 78 (`EX_CONFIG`). */
export class Misconfiguration extends EdgeError {
  readonly code = 'config.invalid';
  readonly disposition = 'fatal';
}

/** The command line was wrong: the process exits with 2. */
export class UsageError extends EdgeError {
  readonly code = 'config.usage';
  readonly disposition = 'fatal';
}

/** A `code` for logs, whatever was thrown. */
export function codeOf(error: unknown): string {
  if (error instanceof EdgeError) return error.code;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string')
    return error.code;
  return 'internal.unexpected';
}

/** What a log line or a status message says of an error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** True when the error only says that `signal` ended the work. */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  return (
    signal.aborted &&
    (error === signal.reason || (error instanceof Error && error.name === 'AbortError'))
  );
}
