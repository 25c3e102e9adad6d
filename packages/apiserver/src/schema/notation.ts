import { InvariantViolation } from '@skerry/shared/errors';
import type { Json } from '../json.ts';
import type { Schema } from './schema.ts';

/**
 * Reads the compact notation that the built-in kinds are written in, one line a field:
 *
 * ```text
 * @io.k8s.api.core.v1 v1                     package of the structs, group/version of the kinds
 * Pod kind: A group of containers.           kind: has apiVersion, kind and metadata
 * ContainerPort atomic: A port.              atomic: its writers own it as a whole
 *   ...Handler                               the fields of another struct
 *   name! string: …                          ! required
 *   hostPort int32                           a value, left out when empty; *int32 keeps its zero
 *   rules []Rule ~                           ~ written even when empty
 *   protocol string=TCP(TCP|UDP)             = default, () values
 *   ports []Port merge=port map=port,protocol      patch strategy and key, list type and keys
 * ```
 */
export class Notation {
  /** Structs by name, with and without their package. */
  readonly #structs = new Map<string, Struct>();
  /** Schemas of the structs that are kinds, by `group/kind`. */
  readonly #kinds = new Map<string, Schema>();

  constructor(texts: readonly string[]) {
    const structs = texts.flatMap(readStructs);
    for (const struct of structs) this.#register(struct);
    for (const struct of structs) for (const line of struct.lines) this.#addLine(struct, line);
  }

  /** The schema of a kind, or undefined when it is not written down. */
  kind(group: string, kind: string): Schema | undefined {
    return this.#kinds.get(`${group}/${kind}`);
  }

  /** The schema of a struct by its full name. */
  definition(name: string): Schema | undefined {
    return this.#structs.get(name)?.schema;
  }

  #register(struct: Struct): void {
    this.#structs.set(`${struct.prefix}.${struct.name}`, struct);
    if (!this.#structs.has(struct.name)) this.#structs.set(struct.name, struct);
    if (struct.group !== undefined)
      this.#kinds.set(`${struct.group}/${struct.name}`, struct.schema);
  }

  #addLine(struct: Struct, line: string): void {
    const embedded = /^\.\.\.(\w+)$/.exec(line)?.[1];
    if (embedded !== undefined) {
      for (const inner of this.#find(embedded, struct).lines) this.#addLine(struct, inner);
      return;
    }
    const field = readField(line);
    if (field.required) struct.required.push(field.name);
    if (field.schema.whenEmpty === 'print') struct.alwaysPrinted.push(field.name);
    struct.properties[field.name] = { ...this.#typed(field.type, struct), ...field.schema };
  }

  // A field copies the struct's schema but shares its `properties`, which may still be filling up:
  // that is how a struct can refer to itself.
  #typed(type: string, from: Struct): Schema {
    if (type.startsWith('[]')) return { type: 'array', items: this.#typed(type.slice(2), from) };
    const value = /^map\[(.*)\]$/.exec(type)?.[1];
    if (value !== undefined)
      return { type: 'object', additionalProperties: this.#typed(value, from) };
    return scalars.get(type) ?? this.#find(type, from).schema;
  }

  #find(name: string, from: Struct): Struct {
    const found = this.#structs.get(`${from.prefix}.${name}`) ?? this.#structs.get(name);
    if (found) return found;
    throw new InvariantViolation(`${from.name} refers to ${name}, which is not written down`);
  }
}

interface Struct {
  readonly name: string;
  readonly prefix: string;
  /** API group of a kind; absent when the struct is none. */
  readonly group: string | undefined;
  readonly lines: readonly string[];
  readonly properties: Record<string, Schema>;
  readonly required: string[];
  readonly alwaysPrinted: string[];
  readonly schema: Schema;
}

const resource = 'io.k8s.apimachinery.pkg.api.resource';
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const intOrString = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';

const scalars: ReadonlyMap<string, Schema> = new Map<string, Schema>([
  ['string', { type: 'string' }],
  ['bool', { type: 'boolean' }],
  ['int32', { type: 'integer', format: 'int32' }],
  ['int64', { type: 'integer', format: 'int64' }],
  ['double', { type: 'number', format: 'double' }],
  ['bytes', { type: 'string', format: 'byte' }],
  ['time', { type: 'string', format: 'date-time', definition: `${meta}.Time` }],
  ['microTime', { type: 'string', format: 'date-time-micro', definition: `${meta}.MicroTime` }],
  ['quantity', { type: 'string', format: 'quantity', definition: `${resource}.Quantity` }],
  ['intOrString', { 'x-kubernetes-int-or-string': true, definition: intOrString }],
  ['any', { 'x-kubernetes-preserve-unknown-fields': true }],
]);

const kindLines = [
  'kind string: Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
  'apiVersion string: APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
  "metadata ObjectMeta: Standard object's metadata. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
];

function readStructs(text: string): Struct[] {
  const [, prefix = '', group = ''] = /^@(\S+)(?: (?:([^\s/]+)\/)?v1)?$/m.exec(text) ?? [];
  const [, ...blocks] = text.trim().split('\n\n');
  return blocks.map((block) => readStruct(block.split('\n'), prefix, group));
}

function readStruct([head = '', ...lines]: string[], prefix: string, group: string): Struct {
  const [, name = '', mark, description] = /^(\w+)(?: (kind|atomic))?: (.*)$/.exec(head) ?? [];
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  const alwaysPrinted: string[] = [];
  const schema: Schema = {
    type: 'object',
    properties,
    required,
    alwaysPrinted,
    definition: `${prefix}.${name}`,
    ...(description === undefined ? {} : { description }),
    ...(mark === 'atomic' ? { 'x-kubernetes-map-type': 'atomic' } : {}),
  };
  const fields = lines.map((line) => line.trim());
  const isKind = mark === 'kind';
  return {
    name,
    prefix,
    group: isKind ? group : undefined,
    lines: isKind ? [...kindLines, ...fields] : fields,
    properties,
    required,
    alwaysPrinted,
    schema,
  };
}

interface Field {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly schema: Schema;
}

const fieldForm = new RegExp(
  [
    /^(?<name>[^\s!:]+)(?<required>!)? /,
    /(?<pointer>\*)?(?<type>[^\s=(:]+)(?:=(?<fallback>[^\s(:]*))?(?:\((?<values>[^)]*)\))?/,
    /(?<marks>(?: [^\s:]+)*)(?:: (?<description>.*))?$/,
  ]
    .map(({ source }) => source)
    .join(''),
);

function readField(line: string): Field {
  const parts = fieldForm.exec(line)?.groups;
  if (!parts) throw new InvariantViolation(`not a field: ${line}`);
  const { name = '', type = '', required, fallback, values, description } = parts;
  const marks = parts['marks']?.split(' ').slice(1) ?? [];
  const schema = withoutAbsent({
    description: description?.replaceAll(String.raw`\n`, '\n'),
    default: scalarOf(fallback),
    enum: values?.split('|'),
    whenEmpty: parts['pointer'] === '*' ? undefined : whenEmpty(type, required, marks),
  });
  return {
    name,
    type,
    required: required !== undefined,
    schema: marks.reduce<Schema>((known, mark) => ({ ...known, ...readMark(mark) }), schema),
  };
}

function withoutAbsent(schema: Record<string, unknown>): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}

/** Structs and times that are no pointers appear even when nothing was given: `{}` and null. */
function whenEmpty(type: string, required: string | undefined, marks: string[]): 'print' | 'omit' {
  const isHeldByValue = /^[A-Z]/.test(type) || type === 'time' || type === 'microTime';
  return isHeldByValue || required === '!' || marks.includes('~') ? 'print' : 'omit';
}

function readMark(mark: string): Schema {
  const [word = '', argument = ''] = mark.split('=');
  switch (word) {
    case '~':
      return {};
    case 'set':
      return { 'x-kubernetes-list-type': 'set' };
    case 'map':
      return {
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': argument.split(','),
      };
    case 'atomic':
    case 'granular':
      return { 'x-kubernetes-map-type': word };
    default:
      return {
        'x-kubernetes-patch-strategy': word,
        ...(argument === '' ? {} : { 'x-kubernetes-patch-merge-key': argument }),
      };
  }
}

function scalarOf(text: string | undefined): Json | undefined {
  return text === 'true' || text === 'false' ? text === 'true' : text;
}
