import { EdgeError } from '@skerry/shared/errors';
import { objectKey, uid, version } from '@skerry/shared/names';
import { at, text } from '../kube/json-read.ts';
import { members, type Member, type Span } from '../kube/json-span.ts';
import { apiVersionOf, type ResourceType } from '../kube/resource.ts';
import { unrouted, type Observed } from '../route/observed.ts';
import type { WatchedResource } from './watched-resources.ts';

/** An object without the metadata that every object has. It is left out; the others are not affected. */
export class MalformedObject extends EdgeError {
  readonly code = 'watch.malformed-object';
  readonly disposition = 'reject';
}

/**
 * An object as the server wrote it, as placement and the edge need it. Its bytes stay as they are, but
 * for two things: `metadata.managedFields` is taken out (bookkeeping of server-side apply, often larger
 * than the object, of no use at the edge), and `apiVersion` and `kind`, which lists of built-in kinds
 * leave out, are put in front.
 *
 * Throws MalformedObject or MalformedJson.
 */
export function observe({ type, route }: WatchedResource, written: Buffer): Observed {
  const bytes = asHeld(type, written);
  const parsed = parse(bytes);
  return { ...identify(type, parsed), object: bytes, routing: route(parsed) };
}

/** The tombstone that a `DELETED` event stands for; its version is that of the deletion. */
export function observeDeletion({ type }: WatchedResource, written: Buffer): Observed {
  return { ...identify(type, parse(written)), routing: unrouted };
}

function identify(type: ResourceType, object: unknown): Pick<Observed, 'key' | 'uid' | 'version'> {
  const metadata = (name: string): string => text(at(object, 'metadata', name)) ?? '';
  try {
    return {
      key: objectKey(type.name, metadata('namespace'), metadata('name')),
      uid: uid(metadata('uid')),
      version: version(metadata('resourceVersion')),
    };
  } catch (error) {
    throw new MalformedObject(`a ${type.kind} without identity`, { cause: error });
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8')) as unknown;
  } catch (error) {
    throw new MalformedObject('an object that is not JSON', { cause: error });
  }
}

/** A copy of its own in any case: the bytes given are a window onto a page or a network chunk. */
function asHeld(type: ResourceType, written: Buffer): Buffer {
  const fields = [...members(written, 0)];
  const metadata = fields.find(({ key }) => key === 'metadata');
  const cut = metadata && managedFieldsIn([...members(written, metadata.start)]);
  return Buffer.concat([
    Buffer.from(beginning(type, fields)),
    written.subarray(1, cut?.start),
    ...(cut ? [written.subarray(cut.end)] : []),
  ]);
}

/** The opening brace, and what lists of built-in kinds leave out. */
function beginning(type: ResourceType, fields: readonly Member[]): string {
  if (fields.some(({ key }) => key === 'kind')) return '{';
  const kind = `"apiVersion":"${apiVersionOf(type)}","kind":"${type.kind}"`;
  return fields.length === 0 ? `{${kind}` : `{${kind},`;
}

/** Where the managed fields stand, together with the comma that goes with them. */
function managedFieldsIn(metadata: readonly Member[]): Span | undefined {
  const index = metadata.findIndex(({ key }) => key === 'managedFields');
  const found = metadata[index];
  if (!found) return undefined;
  const before = metadata[index - 1];
  if (before) return { start: before.end, end: found.end };
  return { start: found.from, end: metadata[index + 1]?.from ?? found.end };
}
