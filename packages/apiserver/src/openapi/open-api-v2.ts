import type { JsonObject } from '../json.ts';
import type { Resource } from '../registry/resource.ts';
import { definitionsOf, kindExtension } from './definitions.ts';
import { operationsOf, type Operation } from './operations.ts';
import type { Parameter } from './parameters.ts';
import { refTo } from './render-schema.ts';

/**
 * The Swagger 2.0 document of all that the server has.
 *
 * @see https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v2
 */
export function openApiV2(resources: readonly Resource[], serverVersion: string): JsonObject {
  const paths = new Map<string, JsonObject>();
  for (const operation of resources.flatMap(operationsOf))
    paths.set(operation.path, {
      ...paths.get(operation.path),
      [operation.method]: render(operation),
    });
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: serverVersion },
    paths: Object.fromEntries(paths),
    definitions: definitionsOf(resources, 'v2'),
  };
}

function render({ body, answer, ...operation }: Operation): JsonObject {
  const sent =
    body === undefined
      ? []
      : [{ name: 'body', in: 'body', schema: { $ref: refTo(body.definition, 'v2') } }];
  const schema = { $ref: refTo(answer.definition, 'v2') };
  return {
    description: operation.description,
    operationId: operation.id,
    consumes: [...(body?.mediaTypes ?? ['*/*'])],
    produces: ['application/json'],
    schemes: ['https'],
    parameters: [...operation.parameters.map(renderParameter), ...sent],
    responses: Object.fromEntries(
      answer.statuses.map((status) => [`${status}`, { description: 'OK', schema }]),
    ),
    'x-kubernetes-action': operation.action,
    'x-kubernetes-group-version-kind': kindExtension(operation.kind),
  };
}

function renderParameter({ name, in: place, type, description }: Parameter): JsonObject {
  return {
    name,
    in: place,
    type,
    description,
    uniqueItems: true,
    ...(place === 'path' ? { required: true } : {}),
  };
}
