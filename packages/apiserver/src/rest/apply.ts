import { listAt, type Json, type KubeObject } from '../json.ts';
import { ApplyConflict, serverSideApply } from '../patch/apply.ts';
import { MalformedPatch } from '../patch/malformed-patch.ts';
import { badRequest, fieldConflicts, invalid } from '../refusals.ts';
import { apiVersionOf, subresourceOf } from '../registry/resource.ts';
import type { Held } from '../storage/held.ts';
import type { Decision } from '../storage/object-store.ts';
import { required } from '../validation/field-error.ts';
import { readied } from './admission.ts';
import type { Answer } from './answer.ts';
import { keyOf, type Call, type RestParts } from './call.ts';
import { decideCreate } from './create.ts';
import { decodeObject } from './decode.ts';
import { writeOptions, type WriteOptions } from './options.ts';
import { mergeSchemaOf, type Ownership } from './ownership.ts';
import { checkFields, readObject } from './read-object.ts';
import { revise } from './revise.ts';
import { settle } from './settle.ts';
import { toServed } from './stored-version.ts';

/**
 * Makes an object, or a part of one, as its manager describes it, and lets each field have owners.
 *
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/
 */
export async function apply(parts: RestParts, call: Call): Promise<Answer> {
  const options = writeOptions(call);
  if (call.query.get('fieldManager') === null) throw managerRequired();
  const applied = decodeObject(call);
  checkFields(call, applied, options.fieldValidation);
  await readied(parts, call, applied);
  let status = 200;
  const held = await settle(
    parts.store,
    keyOf(call),
    (current) => {
      status = current ? 200 : 201;
      return decide(parts, call, { current, applied: writable(call, applied), options });
    },
    options.dryRun,
  );
  return { type: 'object', status, held };
}

interface Applying {
  readonly current: Held | undefined;
  readonly applied: KubeObject;
  readonly options: WriteOptions;
}

function decide(parts: RestParts, call: Call, { current, applied, options }: Applying): Decision {
  const live = current && toServed(call.resource, current.parse());
  const merged = merge(parts, call, { live, applied, options });
  const owners = listAt(merged, 'metadata', 'managedFields');
  const ownership: Ownership = () => owners;
  const proposed = readObject(call, merged, 'Ignore');
  if (current) return revise(parts, call, { held: current, proposed, ownership });
  return decideCreate(parts, call, { submitted: proposed, ownership })(undefined);
}

function merge(
  { clock }: RestParts,
  call: Call,
  { live, applied, options }: { live: Json | undefined; applied: Json; options: WriteOptions },
): KubeObject {
  const by = {
    manager: options.fieldManager,
    force: options.force,
    now: clock.now(),
    apiVersion: apiVersionOf(call.resource),
    subresource: call.subresource?.name,
  };
  try {
    return serverSideApply(live, applied, by, mergeSchemaOf(call.resource)) as KubeObject;
  } catch (error) {
    if (error instanceof ApplyConflict) throw fieldConflicts(error.message, error.conflicts);
    if (error instanceof MalformedPatch) throw badRequest(error.message);
    throw error;
  }
}

/** What this path may write of a configuration. */
function writable(call: Call, applied: KubeObject): KubeObject {
  const { status, ...others } = applied;
  const named = { ...applied.metadata, name: call.name };
  if (call.subresource?.name === 'status') {
    const { apiVersion, kind } = applied;
    return { apiVersion, kind, metadata: named, ...(status === undefined ? {} : { status }) };
  }
  const whole = subresourceOf(call.resource, 'status') ? others : applied;
  return { ...whole, metadata: named };
}

function managerRequired(): Error {
  return invalid({ group: 'meta.k8s.io', kind: 'PatchOptions', name: '' }, [
    required('fieldManager', 'is required for apply patch'),
  ]);
}
