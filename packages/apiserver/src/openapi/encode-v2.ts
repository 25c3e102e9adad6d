import { isObject, listAt, objectAt, textAt, type Json, type JsonObject } from '../json.ts';

/** The media type of the encoded document. */
export const openApiV2Protobuf = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** How clients ask for it, those before kubectl 1.27 for nothing else; no answer may have a type with an `@`. */
const askedFor: readonly string[] = [
  openApiV2Protobuf,
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
];

/** Whether an `Accept` header asks for the encoded document. */
export function wantsProtobuf(accept: string): boolean {
  return askedFor.some((type) => accept.includes(type));
}

type Part = Uint8Array;

/**
 * A Swagger 2.0 document as the message `openapi.v2.Document`, with what clients read of it: the
 * definitions, and which objects can be patched how.
 *
 * @see https://github.com/google/gnostic/blob/main/openapiv2/OpenAPIv2.proto
 */
export function encodeOpenApiV2(document: JsonObject): Uint8Array {
  const info = objectAt(document, 'info');
  return message(
    text(1, textAt(document, 'swagger')),
    bytes(2, message(text(1, textAt(info, 'title')), text(2, textAt(info, 'version')))),
    bytes(8, message(...named(2, objectAt(document, 'paths'), pathItem))),
    bytes(9, message(...named(1, objectAt(document, 'definitions'), schema))),
  );
}

function pathItem(item: Json): Part {
  const patch = objectAt(item, 'patch');
  return patch ? message(bytes(8, operation(patch))) : message();
}

function operation(one: JsonObject): Part {
  const inQuery = listAt(one, 'parameters').filter((each) => textAt(each, 'in') === 'query');
  return message(
    text(5, textAt(one, 'operationId')),
    ...inQuery.map((each) => bytes(8, parameter(each))),
    ...extensions(13, one),
  );
}

/** A parameter that is none of the body but one of the query. */
function parameter(one: Json): Part {
  const query = message(
    text(2, 'query'),
    text(4, textAt(one, 'name')),
    text(6, textAt(one, 'type')),
  );
  return message(bytes(1, message(bytes(2, message(bytes(3, query))))));
}

function schema(one: Json): Part {
  const items = objectAt(one, 'items');
  const others = objectAt(one, 'additionalProperties');
  const type = textAt(one, 'type');
  const properties = objectAt(one, 'properties');
  return message(
    text(1, textAt(one, '$ref')),
    text(2, textAt(one, 'format')),
    text(4, textAt(one, 'description')),
    ...listAt(one, 'required').flatMap((field) =>
      typeof field === 'string' ? [text(19, field)] : [],
    ),
    ...(others ? [bytes(21, message(bytes(1, schema(others))))] : []),
    ...(type === undefined ? [] : [bytes(22, message(text(1, type)))]),
    ...(items ? [bytes(23, message(bytes(1, schema(items))))] : []),
    ...(properties ? [bytes(25, message(...named(1, properties, schema)))] : []),
    ...extensions(31, one),
  );
}

/** Members by name, each with its value. */
function named(
  number: number,
  members: JsonObject | undefined,
  encode: (value: Json) => Part,
): Part[] {
  return Object.entries(members ?? {}).map(([name, value]) =>
    bytes(number, message(text(1, name), bytes(2, encode(value)))),
  );
}

/** As YAML, which JSON is too. */
function extensions(number: number, one: Json): Part[] {
  const own = isObject(one) ? Object.entries(one).filter(([name]) => name.startsWith('x-')) : [];
  return own.map(([name, value]) =>
    bytes(number, message(text(1, name), bytes(2, message(text(2, JSON.stringify(value)))))),
  );
}

function message(...fields: readonly Part[]): Part {
  return Buffer.concat(fields);
}

function text(number: number, value: string | undefined): Part {
  return value === undefined ? message() : bytes(number, Buffer.from(value));
}

/** A field of wire type 2. */
function bytes(number: number, value: Part): Part {
  return Buffer.concat([varint((number << 3) | 2), varint(value.length), value]);
}

function varint(value: number): Part {
  const written: number[] = [];
  let left = value;
  for (; left > 0x7f; left = Math.floor(left / 0x80)) written.push((left % 0x80) | 0x80);
  return Buffer.from([...written, left]);
}
