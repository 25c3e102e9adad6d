import {
  isObject,
  listAt,
  objectAt,
  textAt,
  valueAt,
  type Json,
  type JsonObject,
  type KubeObject,
} from '../json.ts';
import { mergePatch } from '../patch/merge-patch.ts';
import { badRequest, invalid, notFound, unsupportedMediaType } from '../refusals.ts';
import type { Resource } from '../registry/resource.ts';
import type { Held } from '../storage/held.ts';
import { invalid as fieldInvalid } from '../validation/field-error.ts';
import type { Answer } from './answer.ts';
import { keyOf, subjectOf, type Call, type RestParts } from './call.ts';
import { decodeObject } from './decode.ts';
import { writeOptions } from './options.ts';
import { byUpdate } from './ownership.ts';
import { revise } from './revise.ts';
import { settle } from './settle.ts';

/** Where an object keeps what a Scale shows: paths of fields. */
interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** A text in a custom resource, a LabelSelector in a built-in one. */
  readonly selector: readonly string[];
}

/**
 * How many replicas an object asks for and has, whatever its kind.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#scale-subresource
 */
export function getScale(parts: RestParts, call: Call): Answer {
  return { type: 'plain', status: 200, body: scaleOf(call.resource, heldBy(parts, call)) };
}

export async function updateScale(parts: RestParts, call: Call): Promise<Answer> {
  return setScale(parts, call, () => decodeObject(call));
}

export async function patchScale(parts: RestParts, call: Call): Promise<Answer> {
  if (!call.body?.mediaType.includes('merge-patch+json'))
    throw unsupportedMediaType([
      'application/merge-patch+json',
      'application/strategic-merge-patch+json',
    ]);
  const change = call.body.json;
  return setScale(parts, call, (held) => mergePatch(scaleOf(call.resource, held), change));
}

async function setScale(
  parts: RestParts,
  call: Call,
  wanted: (held: Held) => Json,
): Promise<Answer> {
  const held = await settle(
    parts.store,
    keyOf(call),
    (current) => {
      if (!current) throw notFound(subjectOf(call), call.name);
      const scale = wanted(current);
      const replicas = checkReplicas(call, valueAt(scale, 'spec', 'replicas') ?? 0);
      const resourceVersion = textAt(scale, 'metadata', 'resourceVersion') ?? '';
      const { specReplicas } = pathsOf(call.resource);
      const object = withValue(current.parse(), specReplicas, replicas) as KubeObject;
      object.metadata = { ...object.metadata, resourceVersion };
      return revise(
        parts,
        { ...call, subresource: undefined },
        { held: current, proposed: object, ownership: byUpdate(parts, call) },
      );
    },
    writeOptions(call).dryRun,
  );
  return { type: 'plain', status: 200, body: scaleOf(call.resource, held) };
}

function checkReplicas({ name }: Call, replicas: Json): number {
  if (typeof replicas !== 'number' || !Number.isInteger(replicas))
    throw badRequest(
      'Scale in version "v1" cannot be handled as a Scale: spec.replicas is no integer',
    );
  if (replicas >= 0) return replicas;
  throw invalid({ group: 'autoscaling', kind: 'Scale', name }, [
    fieldInvalid('spec.replicas', replicas, 'must be greater than or equal to 0'),
  ]);
}

function heldBy({ store }: RestParts, call: Call): Held {
  const held = store.get(keyOf(call));
  if (!held) throw notFound(subjectOf(call), call.name);
  return held;
}

function scaleOf(resource: Resource, held: Held): JsonObject {
  const object = held.parse();
  const {
    name = '',
    namespace = '',
    uid = '',
    resourceVersion = '',
    creationTimestamp = '',
  } = object.metadata;
  const paths = pathsOf(resource);
  const selector = selectorText(valueAt(object, ...paths.selector));
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: valueAt(object, ...paths.specReplicas) ?? 0 },
    status: {
      replicas: valueAt(object, ...paths.statusReplicas) ?? 0,
      ...(selector === '' ? {} : { selector }),
    },
  };
}

function pathsOf({ custom }: Resource): ScalePaths {
  const declared = objectAt(custom?.version, 'subresources', 'scale');
  const path = (field: string, otherwise: string): readonly string[] =>
    (textAt(declared, field) ?? otherwise).split('.').filter((part) => part !== '');
  return {
    specReplicas: path('specReplicasPath', '.spec.replicas'),
    statusReplicas: path('statusReplicasPath', '.status.replicas'),
    selector: path('labelSelectorPath', custom ? '' : '.spec.selector'),
  };
}

function selectorText(selector: Json | undefined): string {
  if (typeof selector === 'string') return selector;
  const equal = Object.entries(objectAt(selector, 'matchLabels') ?? {});
  const sets = listAt(selector, 'matchExpressions').map((expression) => {
    const key = textAt(expression, 'key') ?? '';
    const operator = textAt(expression, 'operator') ?? '';
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator.toLowerCase()} (${listAt(expression, 'values').map(String).join(',')})`;
  });
  return [
    ...equal.map(([key, value]) => `${key}=${typeof value === 'string' ? value : ''}`),
    ...sets,
  ].join(',');
}

function withValue(parent: Json | undefined, path: readonly string[], value: Json): Json {
  const [field, ...rest] = path;
  if (field === undefined) return value;
  const object = isObject(parent) ? parent : {};
  return { ...object, [field]: withValue(object[field], rest, value) };
}
