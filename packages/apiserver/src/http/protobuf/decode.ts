import { kubeTime } from '@skerry/shared/clock';
import type { Json, JsonObject } from '../../json.ts';
import { messageFields, type MessageField } from './messages.ts';
import { MalformedMessage, readFields, type WireField } from './wire.ts';

export const protobufType = 'application/vnd.kubernetes.protobuf';

const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/**
 * The object in a body of the type `application/vnd.kubernetes.protobuf`, as JSON. kubectl writes such
 * bodies for built-in kinds and does not fall back to JSON. Throws MalformedMessage when the bytes are
 * none, or hold a kind or a field that is not in the table.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding
 */
export function decodeProtobuf(bytes: Buffer): JsonObject {
  if (!bytes.subarray(0, magic.length).equals(magic))
    throw new MalformedMessage('no Kubernetes envelope');
  const envelope = [...readFields(bytes.subarray(magic.length))];
  const [typeMeta, raw] = [1, 2].map((number) => bytesAt(envelope, number));
  const { kind = '', apiVersion = '' } = decodeMessage('TypeMeta', typeMeta ?? Buffer.alloc(0));
  if (typeof kind !== 'string' || !messageFields(kind))
    throw new MalformedMessage('objects of this kind are only understood as JSON');
  return { apiVersion, kind, ...decodeMessage(kind, raw ?? Buffer.alloc(0)) };
}

function bytesAt(fields: readonly WireField[], number: number): Buffer | undefined {
  const field = fields.find((candidate) => candidate.number === number);
  return field?.type === 'bytes' ? field.value : undefined;
}

function decodeMessage(name: string, bytes: Buffer): JsonObject {
  const known = messageFields(name);
  const message: JsonObject = {};
  for (const wire of readFields(bytes)) {
    const field = known?.get(wire.number);
    if (!field)
      throw new MalformedMessage(`field ${wire.number} of ${name} is only understood as JSON`);
    addField(message, field, wire);
  }
  return message;
}

function addField(message: JsonObject, field: MessageField, wire: WireField): void {
  if (field.inline) {
    Object.assign(message, decodeMessage(field.type, bytesOf(wire)));
    return;
  }
  if (field.type in mapEntries) {
    const known = message[field.name] as JsonObject | undefined;
    message[field.name] = { ...known, ...mapEntries[field.type]?.(bytesOf(wire)) };
    return;
  }
  const value = decodeValue(field.type, wire);
  if (field.list) message[field.name] = [...((message[field.name] ?? []) as Json[]), value];
  else if (field.optional || !isZero(value)) message[field.name] = value;
}

/** What Go writes of a field that nobody has set. */
function isZero(value: Json): boolean {
  return value === '' || value === 0 || value === false || value === null;
}

function decodeValue(type: string, wire: WireField): Json {
  switch (type) {
    case 'string':
      return bytesOf(wire).toString('utf8');
    case 'int':
      return Number(BigInt.asIntN(64, numberOf(wire)));
    case 'bool':
      return numberOf(wire) !== 0n;
    case 'Time':
      return decodeTime(bytesOf(wire));
    case 'bytes':
      return bytesOf(wire).toString('base64');
    case 'RawJson':
      return decodeJson(bytesOf(wire));
    case 'IntOrString':
      return decodeIntOrString(bytesOf(wire));
    default:
      return decodeMessage(type, bytesOf(wire));
  }
}

function decodeTime(bytes: Buffer): Json {
  const seconds = [...readFields(bytes)].find(({ number }) => number === 1);
  return seconds ? kubeTime(Number(BigInt.asIntN(64, numberOf(seconds))) * 1000) : null;
}

/** A message around the text of a JSON object. */
function decodeJson(message: Buffer): Json {
  try {
    return JSON.parse(stringIn(message)) as Json;
  } catch {
    throw new MalformedMessage('a field that should hold JSON does not');
  }
}

function decodeIntOrString(bytes: Buffer): Json {
  const fields = new Map([...readFields(bytes)].map((field) => [field.number, field]));
  const [type, number, text] = [1, 2, 3].map((at) => fields.get(at));
  const isText = type !== undefined && numberOf(type) === 1n;
  if (isText) return text ? bytesOf(text).toString('utf8') : '';
  return number ? Number(BigInt.asIntN(32, numberOf(number))) : 0;
}

/** A map is a list of pairs: key 1, value 2. */
const mapEntries: Readonly<Record<string, (entry: Buffer) => JsonObject>> = {
  map: (entry) => pair(entry, (value) => value.toString('utf8')),
  bytesMap: (entry) => pair(entry, (value) => value.toString('base64')),
  quantities: (entry) => pair(entry, (value) => stringIn(value)),
};

function pair(entry: Buffer, decode: (value: Buffer) => Json): JsonObject {
  const fields = [...readFields(entry)];
  const key = bytesAt(fields, 1)?.toString('utf8') ?? '';
  return { [key]: decode(bytesAt(fields, 2) ?? Buffer.alloc(0)) };
}

/** A quantity is a message around its text. */
function stringIn(message: Buffer): string {
  return bytesAt([...readFields(message)], 1)?.toString('utf8') ?? '';
}

function bytesOf(wire: WireField): Buffer {
  if (wire.type === 'bytes') return wire.value;
  throw new MalformedMessage(`field ${wire.number} holds a number`);
}

function numberOf(wire: WireField): bigint {
  if (wire.type === 'varint') return wire.value;
  throw new MalformedMessage(`field ${wire.number} holds bytes`);
}
