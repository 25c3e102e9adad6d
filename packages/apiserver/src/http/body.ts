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

const nothing = Buffer.alloc(0);
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
  if (isDeeper(json, maxBodyDepth))
    throw badRequest(`the object provided is nested too deep: exceeded max depth ${maxBodyDepth}`);
}

function isDeeper(json: Json, levels: number): boolean {
  if (typeof json !== 'object' || json === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(json)) return json.some((item) => isDeeper(item, levels - 1));
  for (const key in json) if (isDeeper(json[key] ?? null, levels - 1)) return true;
  return false;
}

function fromProtobuf(bytes: Buffer): Json {
  try {
    return decodeProtobuf(bytes);
  } catch (error) {
    if (error instanceof MalformedMessage) throw unsupportedMediaType(bodyTypes, error.message);
    throw error;
  }
}

/** What comes beyond the limit is let go by and never held: the client is answered while it still sends. */
function readAll(request: IncomingMessage): Promise<Buffer> {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers;
  if (encoding === undefined && length === '0') return Promise.resolve(nothing);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    chunks.push(chunk);
    if (size <= maxBodyBytes) return;
    request.off('data', take).resume();
    chunks.length = 0;
    reject(tooLarge(maxBodyBytes));
  };
  request.on('data', take);
  request.once('end', () => resolve(Buffer.concat(chunks)));
  request.once('error', reject);
  request.once('close', () => {
    if (!request.complete) reject(badRequest('the body was cut short'));
  });
  return promise;
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
