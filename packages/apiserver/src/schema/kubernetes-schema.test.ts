import {
  modelFields,
  modelsRelease,
  type ModelField,
} from '@skerry/shared/testing/kubernetes-models';
import { describe, expect, it } from 'vitest';
import { gitVersion } from '../discovery/server-version.ts';
import { builtins } from '../registry/builtins.ts';
import { builtinSchema, structSchema } from './builtin-schema.ts';
import type { Schema } from './schema.ts';

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const roots = [
  ...builtins.map(({ group, kind }) => builtinSchema(group, kind)),
  builtinSchema('autoscaling', 'Scale'),
  builtinSchema('policy', 'Eviction'),
  builtinSchema('', 'Binding'),
  ...['ListMeta', 'DeleteOptions', 'Status'].map((name) => structSchema(`${meta}.${name}`)),
];

/** What types are called in the models that are no structs. */
const scalars: Readonly<Record<string, string>> = {
  Time: 'Date date-time',
  MicroTime: 'V1MicroTime date-time-micro',
  Quantity: 'string',
  IntOrString: 'IntOrString int-or-string',
};

function collect(schema: Schema, found: Map<string, Schema>): void {
  const { definition, properties, items, additionalProperties: others } = schema;
  if (definition !== undefined) {
    if (found.has(definition) || !properties) return;
    found.set(definition, schema);
  }
  const inner = [...Object.values(properties ?? {}), items, others];
  for (const one of inner) if (typeof one === 'object') collect(one, found);
}

/** Every struct of the kinds served, by its name in documents. */
function structs(): ReadonlyMap<string, Schema> {
  const found = new Map<string, Schema>();
  for (const root of roots) if (root) collect(root, found);
  return found;
}

/** Kinds and structs of one name differ by their group: `CoreV1Event`, `EventsV1Event`. */
function modelNames(definition: string): readonly [string, string] {
  const [group = '', , name = ''] = definition.split('.').slice(-3);
  return [`V1${name}`, `${group.charAt(0).toUpperCase()}${group.slice(1)}V1${name}`];
}

async function fieldsOf(definition: string): Promise<readonly ModelField[] | undefined> {
  const [short, long] = modelNames(definition);
  return (await modelFields(short)) ?? modelFields(long);
}

function theirs({ name, type, format, isRequired }: ModelField): string {
  const said = format === '' ? '' : ` ${format}`;
  return `${name}${isRequired ? '!' : ''} ${type.replace(/\b[A-Z]\w*V1(?=[A-Z])/g, 'V1')}${said}`;
}

function ours({ properties = {}, required = [] }: Schema): string[] {
  return Object.entries(properties).map(
    ([name, field]) => `${name}${required.includes(name) ? '!' : ''} ${typeOf(field)}`,
  );
}

/** In the words of the models: of a list or a map the format of its elements comes last. */
function typeOf(schema: Schema): string {
  const { definition, type = 'any', format, items, additionalProperties } = schema;
  const name = definition?.split('.').at(-1);
  if (name !== undefined) return scalars[name] ?? `V1${name}`;
  if (items) return around('Array<', items, '>');
  if (typeof additionalProperties === 'object')
    return around('{ [key: string]: ', additionalProperties, '; }');
  const word = type === 'integer' ? 'number' : type;
  return format === undefined ? word : `${word} ${format}`;
}

function around(before: string, inner: Schema, after: string): string {
  const [, type, format = ''] = /^(\{.*\}|\S+)( \S+)?$/.exec(typeOf(inner)) ?? [];
  return `${before}${type ?? ''}${after}${format}`;
}

describe('the schemas of the built-in kinds', () => {
  it('are those of the release that the server says it follows', async () => {
    expect(gitVersion).toMatch(`v${await modelsRelease()}.`);
  });

  it.each([...structs()])('have the fields that Kubernetes has: %s', async (definition, schema) => {
    const fields = await fieldsOf(definition);
    expect(ours(schema).sort()).toEqual(fields?.map(theirs).sort());
  });
});
