import type { LogEvent, LogEventType } from './resource-log.ts';
import { Held, type Revision, type StorageKey } from './held.ts';

/*
 * A LogEvent on disk:
 *
 *   byte 0      type
 *   bytes 1-4   length of the head, little endian
 *   head        JSON: namespace, name, length of the object, revision of the previous object
 *   object
 *   previous    in a modification and in a deletion
 */
const types: readonly LogEventType[] = ['ADDED', 'MODIFIED', 'DELETED'];
const fixedBytes = 5;

interface Head {
  readonly namespace: string;
  readonly name: string;
  readonly objectBytes: number;
  readonly previousRevision: Revision;
}

export function encodeRecord({ type, held, previous }: LogEvent): Uint8Array {
  const head = Buffer.from(
    JSON.stringify({
      namespace: held.namespace,
      name: held.name,
      objectBytes: held.bytes.length,
      previousRevision: previous?.revision ?? 0,
    } satisfies Head),
  );
  const fixed = Buffer.alloc(fixedBytes);
  fixed.writeUInt8(types.indexOf(type), 0);
  fixed.writeUInt32LE(head.length, 1);
  return Buffer.concat([fixed, head, held.bytes, previous?.bytes ?? new Uint8Array()]);
}

/** `previousOf` finds a state of the object that is already in memory, so that it is held once. */
export function decodeRecord(
  resource: string,
  revision: Revision,
  record: Uint8Array,
  previousOf: (key: StorageKey, revision: Revision) => Held | undefined,
): LogEvent {
  const buffer = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const objectAt = fixedBytes + buffer.readUInt32LE(1);
  const head = JSON.parse(buffer.toString('utf8', fixedBytes, objectAt)) as Head;
  const key = { resource, namespace: head.namespace, name: head.name };
  const previousAt = objectAt + head.objectBytes;
  const held = new Held(key, revision, record.slice(objectAt, previousAt));
  const type = types[buffer.readUInt8(0)] ?? 'MODIFIED';
  if (type === 'ADDED') return { type, held };
  const previous =
    previousOf(key, head.previousRevision) ??
    new Held(key, head.previousRevision, record.slice(previousAt));
  return { type, held, previous };
}
