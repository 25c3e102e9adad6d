import { apiVersionOf, type Resource, type Subresource, type Verb } from '../registry/resource.ts';
import { capitalised, operationId } from './operation-id.ts';
import {
  deleting,
  listing,
  patching,
  pathParameters,
  pretty,
  writing,
  type Parameter,
} from './parameters.ts';
import { definitionName, deleteOptions, patch, status, type SpokenKind } from './definitions.ts';

/** One method of one path, in no notation yet. */
export interface Operation {
  readonly path: string;
  readonly method: 'delete' | 'get' | 'patch' | 'post' | 'put';
  /** `x-kubernetes-action`. */
  readonly action: string;
  readonly id: string;
  readonly description: string;
  readonly kind: SpokenKind;
  readonly parameters: readonly Parameter[];
  /** Definition of the body, and what it may be sent as; absent when there is none. */
  readonly body?: { readonly definition: string; readonly mediaTypes: readonly string[] };
  /** Definition of the answer, and the statuses it comes with. */
  readonly answer: { readonly definition: string; readonly statuses: readonly number[] };
}

/** Every operation on a resource and its subresources. */
export function operationsOf(resource: Resource): Operation[] {
  return [
    ...resource.verbs.flatMap((verb) => onResource(resource, verb)),
    ...resource.subresources.flatMap((subresource) =>
      subresource.verbs.flatMap((verb) => onSubresource(resource, subresource, verb)),
    ),
  ];
}

const json = ['application/json', 'application/yaml'];
const patches = ['application/json-patch+json', 'application/merge-patch+json'];
const strategicPatch = 'application/strategic-merge-patch+json';
const applyPatch = 'application/apply-patch+yaml';

interface Shape {
  readonly method: Operation['method'];
  readonly action: string;
  readonly word: string;
  readonly parameters: readonly Parameter[];
  readonly on: 'collection' | 'item';
  readonly statuses: readonly number[];
}

const shapes: ReadonlyMap<Verb, Shape> = new Map<Verb, Shape>([
  [
    'list',
    {
      method: 'get',
      action: 'list',
      word: 'list or watch',
      parameters: listing,
      on: 'collection',
      statuses: [200],
    },
  ],
  [
    'create',
    {
      method: 'post',
      action: 'post',
      word: 'create',
      parameters: writing,
      on: 'collection',
      statuses: [200, 201, 202],
    },
  ],
  [
    'deletecollection',
    {
      method: 'delete',
      action: 'deletecollection',
      word: 'delete a collection of',
      parameters: [...listing, ...deleting.slice(1)],
      on: 'collection',
      statuses: [200],
    },
  ],
  [
    'get',
    {
      method: 'get',
      action: 'get',
      word: 'read',
      parameters: [pretty],
      on: 'item',
      statuses: [200],
    },
  ],
  [
    'update',
    {
      method: 'put',
      action: 'put',
      word: 'replace',
      parameters: writing,
      on: 'item',
      statuses: [200, 201],
    },
  ],
  [
    'patch',
    {
      method: 'patch',
      action: 'patch',
      word: 'change a part of',
      parameters: patching,
      on: 'item',
      statuses: [200, 201],
    },
  ],
  [
    'delete',
    {
      method: 'delete',
      action: 'delete',
      word: 'delete',
      parameters: deleting,
      on: 'item',
      statuses: [200, 202],
    },
  ],
]);

/** A watch is a list with `watch=true`, so it has no operation of its own. */
function onResource(resource: Resource, verb: Verb): Operation[] {
  const shape = shapes.get(verb);
  if (!shape) return [];
  const collection = `${rootOf(resource)}${scopeOf(resource)}/${resource.plural}`;
  const path = shape.on === 'collection' ? collection : `${collection}/{name}`;
  const operation = describe(resource, shape, path, resource, '');
  if (verb !== 'list' || !resource.namespaced) return [operation];
  const everywhere = describe(
    { ...resource, namespaced: false },
    shape,
    `${rootOf(resource)}/${resource.plural}`,
    resource,
    'ForAllNamespaces',
  );
  return [operation, everywhere];
}

function onSubresource(resource: Resource, subresource: Subresource, verb: Verb): Operation[] {
  const shape = shapes.get(verb);
  if (!shape) return [];
  const path = `${rootOf(resource)}${scopeOf(resource)}/${resource.plural}/{name}/${subresource.name}`;
  const spoken = { ...resource, ...subresource };
  return [
    describe(resource, { ...shape, on: 'item' }, path, spoken, capitalised(subresource.name)),
  ];
}

function describe(
  resource: Resource,
  shape: Shape,
  path: string,
  kind: SpokenKind,
  suffix: string,
): Operation {
  const { method, action, word, parameters, statuses } = shape;
  const scope = resource.namespaced ? 'Namespaced' : '';
  const part = suffix === '' || suffix === 'ForAllNamespaces' ? '' : ` (${suffix.toLowerCase()})`;
  const body = bodyOf(resource, shape, kind);
  return {
    path,
    method,
    action,
    id: operationId(action, resource, scope, suffix),
    description: `${word} the specified ${resource.kind}${part}`,
    kind: { group: kind.group, version: kind.version, kind: kind.kind },
    parameters: [...pathParameters(path), ...parameters],
    ...(body === undefined ? {} : { body }),
    answer: { definition: answerOf(resource, action, kind), statuses },
  };
}

function bodyOf(resource: Resource, { action }: Shape, kind: SpokenKind): Operation['body'] {
  switch (action) {
    case 'post':
    case 'put':
      return { definition: definitionName(kind), mediaTypes: json };
    case 'patch':
      return {
        definition: patch,
        mediaTypes: [...patches, ...(resource.custom ? [] : [strategicPatch]), applyPatch],
      };
    case 'delete':
    case 'deletecollection':
      return { definition: deleteOptions, mediaTypes: json };
    default:
      return undefined;
  }
}

function answerOf(resource: Resource, action: string, kind: SpokenKind): string {
  if (action === 'list') return definitionName({ ...resource, kind: resource.listKind });
  return action.startsWith('delete') ? status : definitionName(kind);
}

/** Where a group version's paths begin: `/api/v1` or `/apis/GROUP/VERSION`. */
export function rootOf(resource: { readonly group: string; readonly version: string }): string {
  return `/${resource.group === '' ? 'api' : 'apis'}/${apiVersionOf(resource)}`;
}

function scopeOf({ namespaced }: Resource): string {
  return namespaced ? '/namespaces/{namespace}' : '';
}
