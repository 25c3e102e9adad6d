import { isObject, textAt, valueAt, type Json } from '../json.ts';
import { badRequest, invalid } from '../refusals.ts';
import {
  invalid as fieldInvalid,
  notSupported,
  type FieldError,
} from '../validation/field-error.ts';
import type { Call } from './call.ts';
import { isDryRun } from './options.ts';

const propagations = ['Foreground', 'Background', 'Orphan'] as const;

/** What becomes of an object's dependents. */
export type Propagation = (typeof propagations)[number];

/** @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/ */
export interface DeleteOptions {
  readonly dryRun: boolean;
  /** Absent: the kind decides. */
  readonly graceSeconds?: number | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  /** Absent: what the object's finalizers say, else the kind. */
  readonly propagation?: Propagation | undefined;
}

/** From the body where there is one, else from the query. */
export function deleteOptions({ body, query }: Pick<Call, 'body' | 'query'>): DeleteOptions {
  const options = isObject(body?.json) ? body.json : {};
  const grace = valueAt(options, 'gracePeriodSeconds') ?? query.get('gracePeriodSeconds');
  const dryRun = valueAt(options, 'dryRun') ?? query.getAll('dryRun');
  return {
    dryRun: isDryRun(Array.isArray(dryRun) ? dryRun.map(String) : []),
    graceSeconds: grace === null || grace === '' ? undefined : wholeSeconds(grace),
    uid: textAt(options, 'preconditions', 'uid'),
    resourceVersion: textAt(options, 'preconditions', 'resourceVersion'),
    propagation: propagationOf(
      valueAt(options, 'propagationPolicy') ?? query.get('propagationPolicy') ?? '',
      orphans({ body, query }),
    ),
  };
}

function wholeSeconds(said: Json): number {
  const seconds = Number(said);
  if (Number.isInteger(seconds)) return seconds;
  throw badRequest(`gracePeriodSeconds is not a whole number: ${JSON.stringify(said)}`);
}

/** The older way to say what becomes of dependents; undefined when it is not used. */
export function orphans({ body, query }: Pick<Call, 'body' | 'query'>): boolean | undefined {
  const said = valueAt(body?.json, 'orphanDependents') ?? query.get('orphanDependents');
  if (typeof said === 'string' && said !== '') return said !== 'false' && said !== '0';
  return typeof said === 'boolean' ? said : undefined;
}

function propagationOf(policy: Json, orphaning: boolean | undefined): Propagation | undefined {
  if (policy === '') {
    if (orphaning === undefined) return undefined;
    return orphaning ? 'Orphan' : 'Background';
  }
  if (orphaning !== undefined)
    throw refused(
      fieldInvalid(
        'propagationPolicy',
        policy,
        'orphanDependents and deletionPropagation cannot be both set',
      ),
    );
  const known = propagations.find((one) => one === policy);
  if (known === undefined)
    throw refused(notSupported('propagationPolicy', policy, [...propagations, 'nil']));
  return known;
}

function refused(error: FieldError): Error {
  return invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions', name: '' }, [error]);
}
