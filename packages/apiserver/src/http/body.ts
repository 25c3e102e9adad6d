import type { IncomingMessage } from 'node:http';
import { messageOf } from '@skerry/shared/errors';
import { parseYaml } from '@skerry/shared/yaml';
import type { Json } from '../json.ts';
import { badRequest, tooLarge, unsupportedMediaType } from '../refusals.ts';
import type { Body } from '../rest/call.ts';
import { decodeProtobuf, protobufType } from './protobuf/decode.ts';
import { MalformedMessage } from './protobuf/wire.ts';

/** The largest body a request may have, bytes; that of a Kubernetes API server. */
export const maxBodyBytes: number = 3 * 1024 * 1024;

/** How deep objects and lists may lie in one another. */
export const maxBodyDepth = 500;

const bodyTypes: readonly string[] = ['application/json', 'application/yaml'];

/** Reads and parses a request's body; undefined when there is none. */
export async function readBody(request: IncomingMessage): Promise<Body | undefined> {
  const bytes = await readAll(request);
  const mediaType = mediaTypeOf(request);
  if (bytes.length === 0) return undefined;
  if (mediaType === protobufType)
    return { mediaType: 'application/json', json: fromProtobuf(bytes) };
  if (request.method !== 'PATCH' && !bodyTypes.includes(mediaType))
    throw unsupportedMediaType(bodyTypes);
  const json = parse(bytes.toString('utf8'), mediaType);
  checkDepth(json);
  return { mediaType, json };
}

/** Whatever walks over a body may count on coming to its end. */
function checkDepth(json: Json): void {
  let level: readonly Json[] = [json];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxBodyDepth)
      throw badRequest(
        `the object provided is nested too deep: exceeded max depth ${maxBodyDepth}`,
      );
    level = level.flatMap((value) =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  }
}

function fromProtobuf(bytes: Buffer): Json {
  try {
    return decodeProtobuf(bytes);
  } catch (error) {
    if (error instanceof MalformedMessage) throw unsupportedMediaType(bodyTypes, error.message);
    throw error;
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw tooLarge(maxBodyBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function mediaTypeOf({ headers }: IncomingMessage): string {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  return type === '' ? 'application/json' : type.trim().toLowerCase();
}

function parse(text: string, mediaType: string): Json {
  if (mediaType.endsWith('yaml')) return parsedYaml(text);
  if (!mediaType.endsWith('json')) return null; // a patch of a kind that nobody can apply
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw badRequest(
      `the object provided is unrecognized: couldn't get version/kind; json parse error: ${messageOf(error)}`,
    );
  }
}

/** YAML is a way to write JSON here: what JSON cannot hold does not come through. */
function parsedYaml(text: string): Json {
  try {
    return JSON.parse(JSON.stringify(parseYaml(text, 'body').value ?? null)) as Json;
  } catch (error) {
    throw badRequest(`error converting YAML to JSON: ${messageOf(error)}`);
  }
}
