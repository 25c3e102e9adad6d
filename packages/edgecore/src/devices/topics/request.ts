import { isObject, textAt, valueAt, type Json, type JsonObject } from '@skerry/apiserver/json';
import { EdgeError, messageOf } from '@skerry/shared/errors';

/** How a request ended, in the numbers that device programs know. */
export type ResultCode = 0 | 400 | 404 | 409 | 500;

/** The request cannot be granted as it is; the answer says why. */
export class Refused extends EdgeError {
  readonly code = 'topic.refused';
  readonly disposition = 'reject';
  readonly result: ResultCode;

  constructor(result: ResultCode, reason: string) {
    super(reason);
    this.result = result;
  }
}

/** What every request of a device program carries. */
export interface Request {
  /** Echoed in the answer; empty when the program gave none. */
  readonly eventId: string;
  /** By the program's clock, milliseconds since the Unix epoch. */
  readonly sourceTime: number | undefined;
  readonly body: JsonObject;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads a payload; throws Refused with 400 unless it is a JSON object in UTF-8. */
export function readRequest(payload: Uint8Array): Request {
  const body = parse(payload);
  return {
    eventId: textAt(body, 'event_id') ?? '',
    sourceTime: timeAt(body, 'timestamp'),
    body,
  };
}

/** Milliseconds at `path`, as a number or as its text; undefined for anything else. */
export function timeAt(parent: Json, ...path: string[]): number | undefined {
  const value = valueAt(parent, ...path);
  const time = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof time === 'number' && Number.isFinite(time) && time > 0 ? time : undefined;
}

function parse(payload: Uint8Array): JsonObject {
  try {
    const json = JSON.parse(utf8.decode(payload)) as Json;
    if (isObject(json)) return json;
  } catch (error) {
    throw new Refused(400, `the payload is not JSON in UTF-8: ${messageOf(error)}`);
  }
  throw new Refused(400, 'the payload is not a JSON object');
}
