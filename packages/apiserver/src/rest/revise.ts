import { objectAt, sameJson, valueAt, type Json, type KubeObject } from '../json.ts';
import { rulesOf } from '../kinds/rules-of.ts';
import { conflict, staleVersion } from '../refusals.ts';
import { subresourceOf } from '../registry/resource.ts';
import type { Held } from '../storage/held.ts';
import type { Decision } from '../storage/object-store.ts';
import { admit } from './admission.ts';
import { ruleContext, subjectOf, type Call, type RestParts } from './call.ts';
import { checkObject } from './check-object.ts';
import { ownersFrom, withOwners, type Ownership } from './ownership.ts';
import { typedForm } from './read-object.ts';
import { isReleased } from './removal.ts';
import { toServed, toStored } from './stored-version.ts';

/** What somebody wants of an object. */
export interface Proposal {
  readonly held: Held;
  /** Owned: it is changed into what is stored. */
  readonly proposed: KubeObject;
  readonly ownership: Ownership;
}

/**
 * What becomes of an object that a client wants to look like `proposed`: nothing when that changes
 * nothing, else its next state; gone when that was the last thing that held a deleted object.
 * Throws Conflict when the client worked on another version or another object.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
export function revise(
  parts: RestParts,
  call: Call,
  { held, proposed, ownership }: Proposal,
): Decision {
  const before = toServed(call.resource, held.parse());
  checkIdentity(call, before, proposed);
  const draft = scoped(call, before, proposed);
  const rules = rulesOf(call.resource);
  rules.defaults?.(draft);
  if (!call.subresource) rules.update?.(draft, before, ruleContext(parts));
  admit(parts, call, draft, before);
  const next = typedForm(call.resource, draft);
  checkObject(call, next, before);
  countGeneration(call, before, next);
  const owners = ownersFrom(call, before, proposed);
  const owned = withOwners(next, ownership(withOwners(before, owners), withOwners(next, owners)));
  if (sameJson(before, owned)) return { do: 'keep' };
  const object = toStored(call.resource, owned);
  const over = before.metadata.deletionTimestamp !== undefined && isOver(next);
  return { do: over && isReleased(next, rules) ? 'remove' : 'put', object };
}

function checkIdentity(call: Call, before: KubeObject, proposed: KubeObject): void {
  const { uid = '', resourceVersion = '' } = proposed.metadata;
  if (uid !== '' && uid !== before.metadata.uid)
    throw conflict(
      subjectOf(call),
      call.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid ?? ''}`,
    );
  if (resourceVersion !== '' && resourceVersion !== before.metadata.resourceVersion)
    throw staleVersion(subjectOf(call), call.name);
}

/** The part of `proposed` that this path may write; the rest as it was. */
function scoped(call: Call, before: KubeObject, proposed: KubeObject): KubeObject {
  if (call.subresource?.name === 'finalize') return finalized(before, proposed);
  const status = ['status', 'approval'].includes(call.subresource?.name ?? '');
  const base = status ? { ...before, metadata: proposed.metadata } : proposed;
  const next: KubeObject = { ...base, metadata: ownedMetadata(before, base) };
  if (status) return replaceField(next, 'status', proposed['status']);
  if (subresourceOf(call.resource, 'status')) return replaceField(next, 'status', before['status']);
  return next;
}

/** A namespace's own finalizers, which its controller lets go. */
function finalized(before: KubeObject, proposed: KubeObject): KubeObject {
  const finalizers = valueAt(proposed, 'spec', 'finalizers') ?? [];
  return { ...before, spec: { ...objectAt(before, 'spec'), finalizers } };
}

const serverOwned = [
  'name',
  'namespace',
  'generateName',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'resourceVersion',
  'selfLink',
  'managedFields',
] as const;

function ownedMetadata(before: KubeObject, { metadata }: KubeObject): KubeObject['metadata'] {
  const owned = Object.fromEntries(
    serverOwned.flatMap((field) => {
      const value = before.metadata[field];
      return value === undefined ? [] : [[field, value]];
    }),
  );
  const submitted = Object.entries(metadata).filter(([field]) => !isServerOwned(field));
  return { ...owned, ...Object.fromEntries(submitted) };
}

function isServerOwned(field: string): boolean {
  return (serverOwned as readonly string[]).includes(field);
}

function replaceField(object: KubeObject, field: string, value: Json | undefined): KubeObject {
  const { [field]: _old, ...rest } = object;
  return (value === undefined ? rest : { ...rest, [field]: value }) as KubeObject;
}

function countGeneration(call: Call, before: KubeObject, next: KubeObject): void {
  if (!call.resource.generation || before.metadata.generation === undefined) return;
  if (!sameJson(desired(before), desired(next)))
    next.metadata.generation = before.metadata.generation + 1;
}

/** What the users want, without what the server and the controllers say of it. */
function desired({ metadata: _metadata, status: _status, ...rest }: KubeObject): Json {
  return rest;
}

function isOver({ metadata }: KubeObject): boolean {
  return (metadata.deletionGracePeriodSeconds ?? 0) === 0;
}
