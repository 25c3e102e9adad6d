import { describe, expect, it } from 'vitest';
import { isObject, objectAt, valueAt, type Json, type JsonObject } from '../json.ts';
import { builtins } from '../registry/builtins.ts';
import type { Resource } from '../registry/resource.ts';
import { readSchema } from '../schema/read-schema.ts';
import { ValidationRules } from '../schema/validation-rules.ts';
import { openApiV2 } from './open-api-v2.ts';
import { openApiV3, openApiV3Index } from './open-api-v3.ts';

const core = builtins.filter(({ group }) => group === '');
const widgets: Resource = {
  ...builtins.find(({ plural }) => plural === 'deployments')!,
  group: 'golden.example.com',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  listKind: 'WidgetList',
  subresources: [],
  custom: {
    definition: { apiVersion: '', kind: '', metadata: {} },
    version: {},
    storedAs: 'golden.example.com/v1',
    rules: new ValidationRules(),
    schema: readSchema({
      type: 'object',
      description: 'A thing of some size.',
      properties: {
        spec: {
          type: 'object',
          description: 'What is wanted.',
          properties: { size: { type: 'integer', minimum: 1, description: 'How big.' } },
        },
      },
    }),
  },
};

/** Every `$ref` of a document. */
function refsIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(refsIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === '$ref' && typeof item === 'string' ? [item] : refsIn(item),
  );
}

function resolves(document: JsonObject, ref: string): boolean {
  const [, ...path] = ref.split('/');
  return valueAt(document, ...path) !== undefined;
}

describe.each([
  ['v3', openApiV3(core, 'v1.36.0')],
  ['v3 of a definition', openApiV3([widgets], 'v1.36.0')],
  ['v2', openApiV2([...builtins, widgets], 'v1.36.0')],
])('the %s document', (_name, document) => {
  it('refers to nothing that it does not define', () => {
    const missing = new Set(refsIn(document).filter((ref) => !resolves(document, ref)));
    expect([...missing]).toEqual([]);
  });

  it('gives every operation an id of its own', () => {
    const operations = Object.values(objectAt(document, 'paths') ?? {}).flatMap((path) =>
      Object.values(isObject(path) ? path : {}),
    );
    const ids = operations.map((operation) => valueAt(operation, 'operationId'));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });
});

describe('openApiV3', () => {
  const document = openApiV3(core, 'v1.36.0');
  const schemas = objectAt(document, 'components', 'schemas')!;

  it('says which parameters a patch of a kind takes', () => {
    const patch = objectAt(
      document,
      'paths',
      '/api/v1/namespaces/{namespace}/pods/{name}',
      'patch',
    )!;
    expect(patch['x-kubernetes-group-version-kind']).toEqual({
      group: '',
      version: 'v1',
      kind: 'Pod',
    });
    const names = (patch['parameters'] as JsonObject[]).map(
      ({ name, in: place }) => [place, name] as Json[],
    );
    expect(names).toContainEqual(['query', 'fieldValidation']);
    expect(names).toContainEqual(['query', 'dryRun']);
    expect(names).toContainEqual(['path', 'namespace']);
    expect(Object.keys(objectAt(patch, 'requestBody', 'content')!)).toContain(
      'application/strategic-merge-patch+json',
    );
  });

  it('has the collection, every namespace at once, and subresources', () => {
    expect(Object.keys(objectAt(document, 'paths')!)).toEqual(
      expect.arrayContaining([
        '/api/v1/pods',
        '/api/v1/namespaces/{namespace}/pods',
        '/api/v1/namespaces/{namespace}/pods/{name}/status',
        '/api/v1/namespaces/{namespace}/pods/{name}/binding',
        '/api/v1/nodes/{name}/status',
      ]),
    );
    expect(valueAt(document, 'paths', '/api/v1/nodes/{name}/status', 'patch', 'operationId')).toBe(
      'patchCoreV1NodeStatus',
    );
  });

  it('describes fields, their values and how they merge', () => {
    const podSpec = objectAt(schemas, 'io.k8s.api.core.v1.PodSpec', 'properties')!;
    expect(podSpec['restartPolicy']).toEqual({
      description:
        'Restart policy for all containers within the pod. One of Always, OnFailure, Never. In some contexts, only a subset of those values may be permitted. Default to Always. More info: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy\n\nPossible enum values:\n - `"Always"`\n - `"Never"`\n - `"OnFailure"`',
      type: 'string',
      enum: ['Always', 'Never', 'OnFailure'],
    });
    expect(podSpec['containers']).toMatchObject({
      type: 'array',
      items: { $ref: '#/components/schemas/io.k8s.api.core.v1.Container' },
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-list-type': 'map',
    });
    expect(schemas['io.k8s.api.core.v1.Pod']).toMatchObject({
      'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'Pod' }],
    });
  });

  it('describes custom resources by their definition', () => {
    const widget = valueAt(
      openApiV3([widgets], 'v1.36.0'),
      'components',
      'schemas',
      'com.example.golden.v1.Widget',
    );
    expect(widget).toMatchObject({
      description: 'A thing of some size.',
      properties: {
        spec: { properties: { size: { type: 'integer', minimum: 1, description: 'How big.' } } },
        metadata: {
          allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }],
        },
      },
      'x-kubernetes-group-version-kind': [
        { group: 'golden.example.com', version: 'v1', kind: 'Widget' },
      ],
    });
  });

  it('is found through its index', () => {
    const index = openApiV3Index([...builtins, widgets], 'a b');
    expect(valueAt(index, 'paths', 'api/v1')).toEqual({
      serverRelativeURL: '/openapi/v3/api/v1?hash=a%20b',
    });
    expect(valueAt(index, 'paths', 'apis/golden.example.com/v1')).toBeDefined();
  });
});
