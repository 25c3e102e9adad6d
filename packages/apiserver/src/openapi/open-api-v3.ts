import type { JsonObject } from '../json.ts';
import type { Resource } from '../registry/resource.ts';
import { definitionsOf, kindExtension } from './definitions.ts';
import { operationsOf, rootOf, type Operation } from './operations.ts';
import type { Parameter } from './parameters.ts';
import { refTo } from './render-schema.ts';

/**
 * The OpenAPI 3.0 document of one group version. `resources` are those of that group version.
 *
 * @see https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
 */
export function openApiV3(resources: readonly Resource[], serverVersion: string): JsonObject {
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: serverVersion },
    paths: pathsOf(resources.flatMap(operationsOf)),
    components: { schemas: definitionsOf(resources, 'v3') },
  };
}

/**
 * What `/openapi/v3` answers: where the document of each group version is. `tag` changes whenever a
 * document does: clients keep what they have read under the same one.
 */
export function openApiV3Index(resources: readonly Resource[], tag: string): JsonObject {
  const roots = new Set(resources.map((resource) => rootOf(resource).slice(1)));
  const paths = [...roots].sort().map((root) => {
    const serverRelativeURL = `/openapi/v3/${root}?hash=${encodeURIComponent(tag)}`;
    return [root, { serverRelativeURL }] as const;
  });
  return { paths: Object.fromEntries(paths) };
}

function pathsOf(operations: readonly Operation[]): JsonObject {
  const paths = new Map<string, JsonObject>();
  for (const operation of operations)
    paths.set(operation.path, {
      ...paths.get(operation.path),
      [operation.method]: render(operation),
    });
  return Object.fromEntries([...paths].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function render(operation: Operation): JsonObject {
  const { body, answer } = operation;
  return {
    description: operation.description,
    operationId: operation.id,
    parameters: operation.parameters.map(renderParameter),
    ...(body === undefined
      ? {}
      : { requestBody: { content: content(body.definition, body.mediaTypes) } }),
    responses: Object.fromEntries(
      answer.statuses.map((status) => [
        `${status}`,
        { description: 'OK', content: content(answer.definition, ['application/json']) },
      ]),
    ),
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': kindExtension(operation.kind),
  };
}

function content(definition: string, mediaTypes: readonly string[]): JsonObject {
  const schema = { $ref: refTo(definition, 'v3') };
  return Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, { schema }]));
}

function renderParameter({ name, in: place, type, description }: Parameter): JsonObject {
  return {
    name,
    in: place,
    description,
    ...(place === 'path' ? { required: true } : {}),
    schema: { type, uniqueItems: true },
  };
}
