import { listAt, objectAt, textAt, type Json, type JsonObject, type KubeObject } from '../json.ts';
import { storedVersion } from '../registry/definition.ts';

/** What is accepted of a definition, from what it asks for and the other definitions there are. */
export function acceptNames(
  definition: KubeObject,
  others: readonly KubeObject[],
  now: string,
): void {
  const rivals = others.filter((other) => groupOf(other) === groupOf(definition));
  const conflict = conflictOf(definition, rivals);
  const status = objectAt(definition, 'status') ?? {};
  const stored = listAt(status, 'storedVersions');
  definition['status'] = {
    ...status,
    ...(conflict === undefined ? { acceptedNames: namesOf(definition) } : {}),
    storedVersions: [...new Set([...stored, storedVersion(definition)])],
  };
  for (const condition of conditions(conflict)) setCondition(definition, condition, now);
}

/** Sets the condition of its type; the time changes only with the status. */
export function setCondition(definition: KubeObject, condition: JsonObject, now: string): void {
  const status = objectAt(definition, 'status') ?? {};
  const known = listAt(status, 'conditions');
  const same = known.find((held) => textAt(held, 'type') === condition['type']);
  const since = textAt(same, 'status') === condition['status'] ? same : undefined;
  const lastTransitionTime = textAt(since, 'lastTransitionTime') ?? now;
  const next = { ...condition, lastTransitionTime };
  definition['status'] = {
    ...status,
    conditions: same ? known.map((held) => (held === same ? next : held)) : [...known, next],
  };
}

interface Conflict {
  readonly reason: string;
  readonly message: string;
}

const kinds = [
  ['kind', 'KindConflict'],
  ['listKind', 'ListKindConflict'],
] as const;
const words = [
  ['plural', 'PluralConflict'],
  ['singular', 'SingularConflict'],
] as const;

/** Kinds must differ from kinds, and every word that kubectl takes from every other. */
function conflictOf(definition: KubeObject, rivals: readonly KubeObject[]): Conflict | undefined {
  const names = namesOf(definition);
  const accepted = rivals.map((rival) => objectAt(rival, 'status', 'acceptedNames') ?? {});
  const takenKinds = accepted.flatMap((other) => kinds.map(([field]) => other[field]));
  const takenWords = accepted.flatMap((other) => [
    ...words.map(([field]) => other[field]),
    ...listAt(other, 'shortNames'),
  ]);
  const clash = (value: Json | undefined, taken: readonly (Json | undefined)[]): boolean =>
    value !== undefined && value !== '' && taken.includes(value);
  const kind = kinds.find(([field]) => clash(names[field], takenKinds));
  if (kind) return inUse(names[kind[0]], kind[1]);
  const word = words.find(([field]) => clash(names[field], takenWords));
  if (word) return inUse(names[word[0]], word[1]);
  const short = listAt(names, 'shortNames').find((name) => clash(name, takenWords));
  return short === undefined ? undefined : inUse(short, 'ShortNamesConflict');
}

function inUse(name: Json | undefined, reason: string): Conflict {
  return { reason, message: `${JSON.stringify(name)} is already in use` };
}

function conditions(conflict: Conflict | undefined): readonly JsonObject[] {
  if (!conflict)
    return [
      {
        type: 'NamesAccepted',
        status: 'True',
        reason: 'NoConflicts',
        message: 'no conflicts found',
      },
      {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      },
    ];
  const established = {
    type: 'Established',
    status: 'False',
    reason: 'NotAccepted',
    message: 'not all names are accepted',
  };
  return [{ type: 'NamesAccepted', status: 'False', ...conflict }, established];
}

function groupOf(definition: KubeObject): string {
  return textAt(definition, 'spec', 'group') ?? '';
}

function namesOf(definition: KubeObject): JsonObject {
  return objectAt(definition, 'spec', 'names') ?? {};
}
