import { conflict, notFound } from '../refusals.ts';
import type { JsonObject } from '../json.ts';
import { rulesOf } from '../kinds/rules-of.ts';
import type { Held, StorageKey } from '../storage/held.ts';
import type { Answer } from './answer.ts';
import { keyOf, ruleContext, subjectOf, type Call, type RestParts } from './call.ts';
import { deleteOptions, orphans, type DeleteOptions } from './delete-options.ts';
import { removal } from './removal.ts';
import { settle } from './settle.ts';

/** Deletes one object: at once, or by marking it for its holder and its finalizers. */
export async function deleteOne(parts: RestParts, call: Call): Promise<Answer> {
  const options = deleteOptions(call);
  warnOfOrphans(call, options);
  const { held, gone } = await remove(parts, call, keyOf(call), options);
  const showsObject = !gone || rulesOf(call.resource).deletedAnswer === 'object';
  if (showsObject)
    return { type: 'object', status: gone ? 200 : statusOfMark(call, options), held };
  return { type: 'plain', status: 200, body: deleted(call, held) };
}

/** Accepted only where the client asked for it to take a while; older clients know nothing but 200. */
function statusOfMark(call: Call, { propagation }: DeleteOptions): number {
  return propagation === 'Foreground' || orphans(call) === false ? 202 : 200;
}

function warnOfOrphans({ resource, warnings }: Call, { propagation }: DeleteOptions): void {
  if (rulesOf(resource).orphansDependents !== true || propagation !== undefined) return;
  warnings.push(
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  );
}

interface Removed {
  readonly held: Held;
  /** False: marked, and still there. */
  readonly gone: boolean;
}

/** The common part of deleting one and deleting many. */
export async function remove(
  parts: RestParts,
  call: Call,
  key: StorageKey,
  options: DeleteOptions,
): Promise<Removed> {
  let gone = false;
  const held = await settle(
    parts.store,
    key,
    (current) => {
      if (!current) throw notFound(subjectOf(call), key.name);
      const object = current.parse();
      checkPreconditions(call, key.name, object.metadata, options);
      const rules = rulesOf(call.resource);
      const decision = removal(object, options, rules, ruleContext(parts));
      gone = decision.do === 'remove';
      return decision;
    },
    options.dryRun,
  );
  return { held, gone };
}

function checkPreconditions(
  call: Call,
  name: string,
  metadata: { uid?: string; resourceVersion?: string },
  { uid, resourceVersion }: DeleteOptions,
): void {
  const subject = { group: call.resource.group, plural: call.resource.kind };
  if (uid !== undefined && uid !== metadata.uid)
    throw conflict(
      subject,
      name,
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid ?? ''}). The object might have been deleted and then recreated`,
    );
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw conflict(
      subject,
      name,
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ''}). The object might have been modified`,
    );
}

function deleted({ resource: { group, plural } }: Call, held: Held): JsonObject {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name: held.name,
      ...(group === '' ? {} : { group }),
      kind: plural,
      uid: held.parse().metadata.uid ?? '',
    },
  };
}
