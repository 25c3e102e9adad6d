/** A parameter of a call, in its query or its path. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly type: 'boolean' | 'integer' | 'string';
  readonly description: string;
}

function query(name: string, description: string, type: Parameter['type'] = 'string'): Parameter {
  return { name, in: 'query', type, description };
}

/** The one parameter that every call has. */
export const pretty: Parameter = query('pretty', 'When true, the answer is indented.');
const dryRun = query('dryRun', 'All: go through the motions, store nothing.');
const fieldManager = query('fieldManager', 'Name of the writer, at most 128 characters.');
const fieldValidation = query(
  'fieldValidation',
  'What becomes of unknown and duplicate fields: Ignore, Warn or Strict.',
);
/** Parameters of every write. */
export const writing: readonly Parameter[] = [pretty, dryRun, fieldManager, fieldValidation];
/** Parameters of a patch. */
export const patching: readonly Parameter[] = [
  ...writing,
  query('force', 'Takes over fields that others own; only for apply.', 'boolean'),
];
/** Parameters of a delete. */
export const deleting: readonly Parameter[] = [
  pretty,
  dryRun,
  query('gracePeriodSeconds', 'Seconds before the object is removed; 0 at once.', 'integer'),
  query('propagationPolicy', 'What becomes of dependents: Orphan, Background or Foreground.'),
];
/** Parameters of a list or watch. */
export const listing: readonly Parameter[] = [
  pretty,
  query('allowWatchBookmarks', 'Asks a watch for bookmarks.', 'boolean'),
  query('continue', 'Token of the page to go on with.'),
  query('fieldSelector', 'Only objects with these fields.'),
  query('labelSelector', 'Only objects with these labels.'),
  query('limit', 'The most objects in one answer.', 'integer'),
  query('resourceVersion', 'The version to be answered from.'),
  query('resourceVersionMatch', 'How the version is meant: Exact or NotOlderThan.'),
  query('sendInitialEvents', 'Begins a watch with what there is.', 'boolean'),
  query('timeoutSeconds', 'Ends the call after so many seconds.', 'integer'),
  query('watch', 'Changes as they happen instead of a list.', 'boolean'),
];

/** Parameters that stand in a path in braces. */
export function pathParameters(path: string): Parameter[] {
  const descriptions = new Map([
    ['name', 'Name of the object.'],
    ['namespace', 'Namespace of the object.'],
  ]);
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    type: 'string',
    description: descriptions.get(name) ?? '',
  }));
}
