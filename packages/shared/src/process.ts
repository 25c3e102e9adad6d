import { setImmediate } from 'node:timers/promises';
import { systemClock, type Clock } from './clock.ts';
import { EdgeError, Misconfiguration, UsageError, codeOf, isAbort, messageOf } from './errors.ts';
import { portInUse } from './listen.ts';
import type { Log } from './log.ts';

/** What a process tells whoever started it (sysexits.h names 78 `EX_CONFIG`). */
export const exitCodes = { ok: 0, failure: 1, usage: 2, misconfiguration: 78 } as const;

/** One Ctrl-C can arrive twice: from the terminal, and again from an npm that passes it on. */
const sameKeystrokeMs = 1_000;

/** How long a daemon may take to end once it was asked to. */
export const defaultShutdownSeconds = 20;

/** The parts of `process` that a daemon lives in. */
export interface Host {
  /** True when the parent gave us a channel to itself. */
  readonly connected?: boolean;
  on(event: 'SIGTERM' | 'SIGINT' | 'disconnect', listener: () => void): unknown;
  on(
    event: 'uncaughtException' | 'unhandledRejection',
    listener: (error: unknown) => void,
  ): unknown;
  exit(code: number): void;
}

export interface Daemon {
  readonly log: Log;
  readonly host?: Host;
  readonly clock?: Clock;
  /** How long the body may take to end once it was asked to. */
  readonly shutdownSeconds?: number;
}

/** Which exit code says of `error` what the one who restarts us must know. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof Misconfiguration) return exitCodes.misconfiguration;
  return exitCodes.failure;
}

/**
 * Runs `body` as the life of this process and ends it with an exit code.
 *
 * SIGTERM, SIGINT and the death of a parent that keeps a channel to us abort the signal; a second
 * signal more than a second later, or a shutdown that takes longer than `shutdownSeconds`, ends the
 * process at once. What nobody caught is logged and ends it too: its state is not to be trusted.
 */
export async function runDaemon(
  { log, host = process, clock = systemClock, shutdownSeconds = defaultShutdownSeconds }: Daemon,
  body: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const ending = new AbortController();
  let asked = 0;
  const end = (why: string): void => {
    if (ending.signal.aborted) {
      if (clock.monotonic() - asked < sameKeystrokeMs) return;
      log.warn({ why }, 'ending at once');
      host.exit(exitCodes.failure);
      return;
    }
    asked = clock.monotonic();
    log.info({ why }, 'ending');
    ending.abort(new DOMException(why, 'AbortError'));
    setTimeout(() => {
      log.error({ shutdownSeconds }, 'shutdown took too long');
      host.exit(exitCodes.failure);
    }, shutdownSeconds * 1000).unref();
  };
  listenToHost(host, log, end);
  const alive = setInterval(() => undefined, 2 ** 30); // signals alone do not keep a process
  const code = await outcome(body, log, ending.signal);
  clearInterval(alive);
  await setImmediate(); // lets a log that formats in a stream write its last line
  host.exit(code);
}

function listenToHost(host: Host, log: Log, end: (why: string) => void): void {
  host.on('SIGTERM', () => end('SIGTERM'));
  host.on('SIGINT', () => end('SIGINT'));
  if (host.connected === true) host.on('disconnect', () => end('the parent process is gone'));
  const die = (error: unknown): void => {
    log.error({ code: codeOf(error), error: describe(error) }, 'uncaught error');
    host.exit(exitCodes.failure);
  };
  host.on('uncaughtException', die);
  host.on('unhandledRejection', die);
}

async function outcome(
  body: (signal: AbortSignal) => Promise<void>,
  log: Log,
  signal: AbortSignal,
): Promise<number> {
  try {
    await body(signal);
    return exitCodes.ok;
  } catch (thrown) {
    if (isAbort(thrown, signal)) return exitCodes.ok;
    const error = await explain(thrown);
    log.error({ code: codeOf(error), error: describe(error) }, 'failed');
    return exitCodeOf(error);
  }
}

/** Our own errors speak for themselves; of others, where they came from matters. */
function describe(error: unknown): string {
  if (error instanceof EdgeError || !(error instanceof Error)) return messageOf(error);
  return error.stack ?? error.message;
}

/** Whoever failed to listen, the message says who was there first. */
async function explain(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || codeOf(error) !== 'EADDRINUSE') return error;
  const { address, port } = error as { address?: string; port?: number };
  return port === undefined ? error : portInUse({ host: address ?? '', port }, error);
}
