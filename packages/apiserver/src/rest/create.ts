import { kubeTime } from '@skerry/shared/clock';
import type { KubeObject } from '../json.ts';
import { rulesOf } from '../kinds/rules-of.ts';
import { alreadyExists } from '../refusals.ts';
import { subresourceOf } from '../registry/resource.ts';
import type { Decide } from '../storage/object-store.ts';
import { admit, readied } from './admission.ts';
import type { Answer } from './answer.ts';
import { keyOf, ruleContext, subjectOf, type Call, type RestParts } from './call.ts';
import { checkObject } from './check-object.ts';
import { decodeObject } from './decode.ts';
import { generatedName, newUid } from './identity.ts';
import { checkNamespace } from './namespace-check.ts';
import { writeOptions } from './options.ts';
import { byUpdate, withOwners, type Ownership } from './ownership.ts';
import { readObject, typedForm } from './read-object.ts';
import { settle } from './settle.ts';
import { toStored } from './stored-version.ts';

/** How many names are tried for `generateName` before the client is told of a collision. */
const nameAttempts = 8;

/** Stores a new object. */
export async function create(parts: RestParts, call: Call): Promise<Answer> {
  const options = writeOptions(call);
  const submitted = readObject(call, decodeObject(call), options.fieldValidation);
  await readied(parts, call, submitted);
  const held = await settle(
    parts.store,
    keyOf(call, nameFor(parts, call, submitted)),
    decideCreate(parts, call, { submitted, ownership: byUpdate(parts, call) }),
    options.dryRun,
  );
  return { type: 'object', status: 201, held };
}

function nameFor({ store, random }: RestParts, call: Call, { metadata }: KubeObject): string {
  const { name = '', generateName = '' } = metadata;
  if (name !== '' || generateName === '') return name;
  const names = Array.from({ length: nameAttempts }, () => generatedName(generateName, random));
  const free = names.find((candidate) => !store.get(keyOf(call, candidate)));
  metadata.name = free ?? names[0] ?? generateName;
  return metadata.name;
}

export interface Creation {
  /** Owned: it is changed into what is stored. */
  readonly submitted: KubeObject;
  readonly ownership: Ownership;
}

/** Also the second half of an apply that finds nothing. */
export function decideCreate(
  parts: RestParts,
  call: Call,
  { submitted, ownership }: Creation,
): Decide {
  return (existing) => {
    const { name = '' } = submitted.metadata;
    checkNamespace(parts.store, call);
    const object = prepare(parts, call, submitted);
    checkObject(call, object);
    if (existing) throw alreadyExists(subjectOf(call), name);
    const owned = withOwners(object, ownership(undefined, asWanted(call, object)));
    return { do: 'put', object: toStored(call.resource, owned) };
  };
}

/** Without the status that the server has given it: nobody but the server has written that. */
function asWanted({ resource }: Call, object: KubeObject): KubeObject {
  if (!subresourceOf(resource, 'status')) return object;
  const { status: _status, ...wanted } = object;
  return wanted;
}

function prepare(parts: RestParts, call: Call, object: KubeObject): KubeObject {
  const { resource } = call;
  const rules = rulesOf(resource);
  const { metadata } = object;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata['selfLink'];
  metadata.uid = newUid(parts.random);
  metadata.creationTimestamp = kubeTime(parts.clock.now());
  if (resource.generation) metadata.generation = 1;
  else delete metadata.generation;
  if (subresourceOf(resource, 'status')) delete object['status'];
  rules.defaults?.(object);
  rules.create?.(object, ruleContext(parts));
  admit(parts, call, object);
  return typedForm(resource, object);
}
