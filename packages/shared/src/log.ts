import { pino, type DestinationStream } from 'pino';

/**
 * Structured log: constant message, facts as fields. Field names that mean the same everywhere:
 * `node`, `key`, `version`, `seq`, `session`, `code`.
 */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A log whose lines also carry these fields, for example `{ room: 'link' }`. */
  child(fields: object): Log;
}

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];
export const logFormats = ['json', 'pretty'] as const;
export type LogFormat = (typeof logFormats)[number];

/** A log that can be told to say more or less while it is in use, its children included. */
export interface RootLog extends Log {
  level: LogLevel;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Which daemon speaks, for example `cloudhub`. */
  readonly name: string;
}

/** JSON lines on stderr, times in UTC (RFC 3339). */
export async function openLog({ level, format, name }: LogOptions): Promise<RootLog> {
  const options = {
    level: 'debug', // a level of its own for each child could not be changed: `levelled` decides
    base: { name },
    timestamp: (): string => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string): object => ({ level: label }) },
  };
  const stream = format === 'json' ? pino.destination({ fd: 2, sync: true }) : await prettyStream();
  const held = { level };
  return Object.defineProperty(levelled(pino(options, stream), held), 'level', {
    get: () => held.level,
    set: (next: LogLevel) => (held.level = next),
  }) as RootLog;
}

/** Says what the level allows that is held now. */
function levelled(log: Log, held: { readonly level: LogLevel }): Log {
  const says = (level: LogLevel): boolean =>
    logLevels.indexOf(level) >= logLevels.indexOf(held.level);
  return {
    debug: (fields, message) => (says('debug') ? log.debug(fields, message) : undefined),
    info: (fields, message) => (says('info') ? log.info(fields, message) : undefined),
    warn: (fields, message) => (says('warn') ? log.warn(fields, message) : undefined),
    error: (fields, message) => log.error(fields, message),
    child: (fields) => levelled(log.child(fields), held),
  };
}

/** Says nothing: for tests and one-shot commands. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};

async function prettyStream(): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    destination: 2,
    sync: true,
    translateTime: 'UTC:HH:MM:ss.l',
    ignore: 'pid,hostname',
  });
}
