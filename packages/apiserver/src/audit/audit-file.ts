import { open, rename, type FileHandle } from 'node:fs/promises';
import { messageOf, Misconfiguration } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { Metrics } from '@skerry/shared/metrics';
import type { JsonObject } from '../json.ts';
import type { AuditSink } from './audit-trail.ts';

/** How much of the audit log stays on disk. */
export interface AuditLimits {
  /** A file that would grow beyond this makes room for another, bytes. */
  readonly fileBytes: number;
  /** Full files that are kept beside the one being written: `FILE.1`, the newest, to `FILE.N`. */
  readonly backups: number;
}

/** Lines that wait for the disk, bytes; what comes beyond is dropped and counted. */
export const maxWaitingBytes: number = 4 * 1024 * 1024;

interface Parts {
  readonly path: string;
  readonly limits: AuditLimits;
  readonly metrics: Metrics;
  readonly log: Log;
}

/**
 * Audit events as JSON lines in a file. Requests do not wait for it: a disk that is slow or full costs
 * events, never answers. Disposing writes what waits.
 */
export class AuditFile implements AuditSink, AsyncDisposable {
  readonly #parts: Parts;
  readonly #drop: (events: number) => void;
  #file: FileHandle;
  #size: number;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;

  private constructor(parts: Parts, file: FileHandle, size: number) {
    this.#parts = parts;
    this.#file = file;
    this.#size = size;
    const dropped = parts.metrics.counter(
      'api_audit_events_dropped_total',
      'Events that are missing in the audit log, because its disk was slow or refused them.',
    );
    this.#drop = (events) => dropped.inc({}, events);
  }

  /** Throws Misconfiguration when the file cannot be written. */
  static async open(parts: Parts): Promise<AuditFile> {
    try {
      const file = await open(parts.path, 'a', 0o600);
      return new AuditFile(parts, file, (await file.stat()).size);
    } catch (error) {
      throw new Misconfiguration(
        `the audit log ${parts.path} cannot be written: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  write(event: JsonObject): void {
    const line = `${JSON.stringify(event)}\n`;
    if (this.#waitingBytes + line.length > maxWaitingBytes) {
      this.#drop(1);
      return;
    }
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    this.#writing ??= this.#drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#writing) await this.#writing;
    await this.#file.close();
  }

  async #drain(): Promise<void> {
    await Promise.resolve(); // the rest of this turn joins the first lines
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      this.#waitingBytes = 0;
      await this.#append(lines);
    }
    this.#writing = undefined;
  }

  async #append(lines: readonly string[]): Promise<void> {
    try {
      const text = Buffer.from(lines.join(''));
      if (this.#size > 0 && this.#size + text.length > this.#parts.limits.fileBytes)
        await this.#turnOver();
      await this.#file.appendFile(text);
      this.#size += text.length;
    } catch (error) {
      this.#drop(lines.length);
      this.#parts.log.error({ err: error, events: lines.length }, 'audit events are lost');
    }
  }

  /** Every file moves up by one, and the last goes. */
  async #turnOver(): Promise<void> {
    const { path, limits } = this.#parts;
    const names = [path, ...Array.from({ length: limits.backups }, (_, at) => `${path}.${at + 1}`)];
    for (let to = names.length - 1; to > 0; to--)
      await renamed(names[to - 1] ?? '', names[to] ?? '');
    const next = await open(path, limits.backups === 0 ? 'w' : 'a', 0o600);
    await this.#file.close();
    this.#file = next;
    this.#size = 0;
  }
}

async function renamed(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
