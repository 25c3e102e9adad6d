import { PROCESS_RUNTIME_CLASS } from '../../runtime/runtimes.ts';
import { offlinePolicyAnnotation, offlinePolicyOf } from '../offline-policy.ts';
import type { PodObject } from '../pod.ts';
import type { Field, Fields } from './field-tree.ts';
import { podFields, processPodFields } from './pod-fields.ts';

type Raw = Readonly<Record<string, unknown>>;

/** What holds when nothing is said, where that is more than nothing. */
const defaults: Raw = {
  allowPrivilegeEscalation: true,
  hostUsers: true,
  procMount: 'Default',
  supplementalGroupsPolicy: 'Merge',
};

/**
 * Paths of what a pod asks for and this node does not do. Nothing is passed over in silence: it is told
 * once, as an Event, and stays as a condition of the pod. A field that this version has never heard of
 * is one of them.
 */
export function unsupportedFields(pod: PodObject): string[] {
  const isOfProcesses = pod.spec.runtimeClassName === PROCESS_RUNTIME_CLASS;
  return [
    ...(offlinePolicyOf(pod) ? [] : [`metadata.annotations{${offlinePolicyAnnotation}}`]),
    ...undone(pod.spec, isOfProcesses ? processPodFields : podFields, 'spec'),
  ];
}

/** What is undone of the fields of an object. */
function undone(object: object, fields: Fields, path: string): string[] {
  return Object.entries(object)
    .filter(([name, value]) => asks(name, value))
    .flatMap(([name, value]) => undoneOf(value, fields[name], `${path}.${name}`));
}

function undoneOf(value: unknown, field: Field | undefined, path: string): string[] {
  if (field === 'whole') return [];
  if (field === undefined) return [path];
  if (typeof field === 'function') return field(value) ? [] : [path];
  if (Array.isArray(value))
    return value.flatMap((one: Raw, at) => undone(one, field, `${path}{${labelOf(one, at)}}`));
  return typeof value === 'object' && value ? undone(value, field, path) : [];
}

/** How people tell the elements of a list apart. */
function labelOf({ name, key }: Raw, at: number): string {
  return [name, key].find((label) => typeof label === 'string') ?? String(at);
}

/** Whether a value is more than what holds when nothing is said. */
function asks(field: string, value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  const usual = defaults[field];
  if (usual !== undefined) return value !== usual;
  if (typeof value === 'object') return Object.keys(value).length > 0;
  return value !== false;
}
