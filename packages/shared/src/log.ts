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

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Which daemon speaks, for example `cloudhub`. */
  readonly name: string;
}

/** JSON lines on stderr, times in UTC (RFC 3339). */
export async function openLog({ level, format, name }: LogOptions): Promise<Log> {
  const options = {
    level,
    base: { name },
    timestamp: (): string => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string): object => ({ level: label }) },
  };
  const stream = format === 'json' ? pino.destination({ fd: 2, sync: true }) : await prettyStream();
  const log: Log = pino(options, stream);
  return log;
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
