import { describe, expect, it } from 'vitest';
import { builtins } from '../registry/builtins.ts';
import { builtinSchema, metadataSchema } from './builtin-schema.ts';
import { memberSchema, type Schema } from './schema.ts';

/** Every node of a schema, each struct once. */
function nodesOf(schema: Schema, seen: Set<unknown> = new Set()): Schema[] {
  if (schema.properties && seen.has(schema.properties)) return [];
  seen.add(schema.properties ?? schema);
  const { properties = {}, additionalProperties, items } = schema;
  const children = [
    ...Object.values(properties),
    ...(typeof additionalProperties === 'object' ? [additionalProperties] : []),
    ...(items ? [items] : []),
  ];
  return [schema, ...children.flatMap((child) => nodesOf(child, seen))];
}

const kinds = [
  ...builtins.map(({ group, kind }) => [group, kind] as const),
  ['autoscaling', 'Scale'] as const,
  ['policy', 'Eviction'] as const,
  ['', 'Binding'] as const,
];

describe.each(kinds)('the schema of %s %s', (group, kind) => {
  const schema = builtinSchema(group, kind);
  const nodes = schema ? nodesOf(schema) : [];

  it('is there', () => {
    expect(schema?.description).toMatch(/\.$/);
    expect(memberSchema(schema, 'metadata')?.properties).toBe(metadataSchema.properties);
  });

  it('tells list elements apart by fields that they have', () => {
    for (const { items, ...node } of nodes) {
      const keys = [
        ...(node['x-kubernetes-list-map-keys'] ?? []),
        node['x-kubernetes-patch-merge-key'] ?? [],
      ].flat();
      for (const key of keys) expect(Object.keys(items?.properties ?? {})).toContain(key);
    }
  });

  it('requires only fields that it has', () => {
    for (const { required = [], properties = {} } of nodes)
      for (const field of required) expect(Object.keys(properties)).toContain(field);
  });
});

describe('builtinSchema', () => {
  it.each([
    ['containers', 'name'],
    ['volumes', 'name'],
    ['imagePullSecrets', 'name'],
    ['hostAliases', 'ip'],
    ['topologySpreadConstraints', 'topologyKey'],
  ])('merges %s of a pod by %s', (field, key) => {
    const spec = memberSchema(builtinSchema('', 'Pod'), 'spec');
    expect(memberSchema(spec, field)?.['x-kubernetes-patch-merge-key']).toBe(key);
  });

  it('replaces tolerations as a whole', () => {
    const spec = memberSchema(builtinSchema('', 'Pod'), 'spec');
    const tolerations = memberSchema(spec, 'tolerations');
    expect(tolerations?.['x-kubernetes-patch-strategy']).toBeUndefined();
    expect(tolerations?.['x-kubernetes-list-type']).toBeUndefined();
  });

  it('knows no kind that is defined by somebody else', () => {
    expect(builtinSchema('devices.kubeedge.io', 'Device')).toBeUndefined();
  });
});
