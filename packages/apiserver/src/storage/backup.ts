import { createHash, type Hash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { EdgeError } from '@skerry/shared/errors';
import { isObject, objectAt, textAt, valueAt, type Json, type JsonObject } from '../json.ts';
import { objectKey } from './disk-keys.ts';
import type { Held, Revision } from './held.ts';

/*
 * A backup is gzipped text, one JSON object a line:
 *
 *   {"skerryBackup":1,"revision":…,"takenAt":…}
 *   {"key":"pods/default/web","object":{…}}        one for each object
 *   {"file":"service-account.key","text":…}        what else the API keeps
 *   {"end":{"entries":…,"sha256":…}}               over every line before
 */
const format = 1;

/** All objects at one revision. */
export interface Snapshot {
  readonly revision: Revision;
  readonly objects: readonly Held[];
}

export interface BackupSource {
  readonly snapshot: Snapshot;
  /** Small files beside the objects, by name. */
  readonly files: Readonly<Record<string, string>>;
  /** RFC 3339. */
  readonly takenAt: string;
}

export type BackupEntry =
  | { readonly type: 'head'; readonly revision: Revision }
  | { readonly type: 'object'; readonly key: string; readonly object: JsonObject }
  | { readonly type: 'file'; readonly name: string; readonly text: string };

/** A backup was cut short, or changed, or is none. */
export class BackupDamaged extends EdgeError {
  readonly code = 'backup.damaged';
  readonly disposition = 'fatal';
}

/** The lines of a backup, not yet gzipped. */
export function* backupLines({ snapshot, files, takenAt }: BackupSource): Generator<Buffer, void> {
  const hash = createHash('sha256');
  const hashed = (line: Buffer): Buffer => {
    hash.update(line);
    return line;
  };
  const { revision, objects } = snapshot;
  yield hashed(lineOf({ skerryBackup: format, revision, takenAt }));
  for (const held of objects) {
    const front = `{"key":${JSON.stringify(objectKey(held))},"object":`;
    yield hashed(Buffer.concat([Buffer.from(front), held.bytes, Buffer.from('}\n')]));
  }
  for (const [file, text] of Object.entries(files)) yield hashed(lineOf({ file, text }));
  const entries = objects.length + Object.keys(files).length;
  yield lineOf({ end: { entries, sha256: hash.digest('hex') } });
}

/** What a gzipped backup holds. Throws BackupDamaged, at the latest at its end: only then all is well. */
export async function* readBackup(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<BackupEntry, void> {
  const reading: Reading = { hash: createHash('sha256'), entries: 0, begun: false, ended: false };
  try {
    for await (const line of linesOf(bytes)) {
      const entry = readLine(reading, line);
      if (entry) yield entry;
    }
  } catch (error) {
    if (error instanceof BackupDamaged) throw error;
    throw new BackupDamaged('the backup is cut short or no backup at all', { cause: error });
  }
  if (!reading.ended) throw new BackupDamaged('the backup is cut short');
}

/** Throws when the bytes are no gzip, or end too soon. */
async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const gunzip = createGunzip();
  gunzip.setEncoding('utf8');
  const feeding = pipeline(bytes, gunzip).catch(() => undefined); // the reader below is told, too
  let rest = '';
  for await (const text of gunzip as AsyncIterable<string>) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  await feeding;
}

interface Reading {
  readonly hash: Hash;
  entries: number;
  begun: boolean;
  ended: boolean;
}

function readLine(reading: Reading, line: string): BackupEntry | undefined {
  const json = JSON.parse(line) as Json;
  const end = objectAt(json, 'end');
  if (end) {
    const whole =
      end['sha256'] === reading.hash.digest('hex') && end['entries'] === reading.entries;
    if (!whole) throw new BackupDamaged('the backup is not what was written');
    reading.ended = true;
    return undefined;
  }
  reading.hash.update(`${line}\n`);
  if (!reading.begun) return readHead(reading, json);
  reading.entries += 1;
  return readEntry(json);
}

function readHead(reading: Reading, json: Json): BackupEntry {
  const revision = valueAt(json, 'revision');
  if (valueAt(json, 'skerryBackup') !== format || typeof revision !== 'number')
    throw new BackupDamaged('this is no backup that this version of Skerry can read');
  reading.begun = true;
  return { type: 'head', revision };
}

function readEntry(json: Json): BackupEntry {
  const [key, file] = [textAt(json, 'key'), textAt(json, 'file')];
  const object = valueAt(json, 'object');
  if (key !== undefined && isObject(object)) return { type: 'object', key, object };
  if (file === undefined) throw new BackupDamaged('the backup holds a line of no known kind');
  return { type: 'file', name: file, text: textAt(json, 'text') ?? '' };
}

function lineOf(json: JsonObject): Buffer {
  return Buffer.from(`${JSON.stringify(json)}\n`);
}
