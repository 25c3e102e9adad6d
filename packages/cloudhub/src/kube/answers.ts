import { messageOf } from '@skerry/shared/errors';
import { version, type Version } from '@skerry/shared/names';
import { elements, member, members, skipSpace, type Member } from './json-span.ts';
import type { ListPage, WatchEvent } from './kube-api.ts';
import { MalformedResponse, errorFromEvent } from './kube-errors.ts';

/** Takes a list apart without parsing its items. Throws MalformedResponse. */
export function listPageFrom(body: Buffer): ListPage {
  return orMalformed('a list', () => {
    const fields = fieldsOf(body);
    const items = fields.get('items');
    const metadata = JSON.parse(textOf(body, fields.get('metadata'))) as {
      resourceVersion: string;
      continue?: string;
    };
    return {
      items: items && body[items.start] === 0x5b ? [...slices(body, items.start)] : [],
      version: version(metadata.resourceVersion),
      continue: metadata.continue === '' ? undefined : metadata.continue,
    };
  });
}

/**
 * Reads one line of a watch; the object is a slice of the line. Throws the error that an `ERROR`
 * event carries, and MalformedResponse when the line is not an event.
 */
export function watchEventFrom(line: Buffer): WatchEvent {
  const { type, object } = orMalformed('a watch event', () => {
    const fields = fieldsOf(line);
    const span = fields.get('object');
    return {
      type: JSON.parse(textOf(line, fields.get('type'))) as string,
      object: span ? line.subarray(span.start, span.end) : Buffer.alloc(0),
    };
  });
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { type: 'put', object };
    case 'DELETED':
      return { type: 'delete', object };
    case 'BOOKMARK':
      return { type: 'bookmark', version: orMalformed('a bookmark', () => versionOf(object)) };
    case 'ERROR':
      throw errorFromEvent(object);
    default:
      throw new MalformedResponse(`a watch event of unknown type ${JSON.stringify(type)}`);
  }
}

function versionOf(object: Buffer): Version {
  const metadata = member(object, 0, 'metadata');
  const parsed = JSON.parse(textOf(object, metadata)) as { resourceVersion: string };
  return version(parsed.resourceVersion);
}

function fieldsOf(json: Buffer): Map<string, Member> {
  return new Map([...members(json, skipSpace(json, 0))].map((field) => [field.key, field]));
}

function* slices(body: Buffer, at: number): Generator<Buffer, void> {
  for (const { start, end } of elements(body, at)) yield body.subarray(start, end);
}

function textOf(json: Buffer, span: Member | undefined): string {
  return span ? json.toString('utf8', span.start, span.end) : '';
}

function orMalformed<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new MalformedResponse(`${what} could not be read: ${messageOf(error)}`, { cause: error });
  }
}
