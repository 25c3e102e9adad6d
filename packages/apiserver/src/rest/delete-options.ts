import { isObject, textAt, valueAt } from '../json.ts';
import type { Call } from './call.ts';
import { isDryRun } from './options.ts';

/** @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/ */
export interface DeleteOptions {
  readonly dryRun: boolean;
  /** Absent: the kind decides. */
  readonly graceSeconds?: number | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/** From the body where there is one, else from the query. */
export function deleteOptions({ body, query }: Pick<Call, 'body' | 'query'>): DeleteOptions {
  const options = isObject(body?.json) ? body.json : {};
  const grace = valueAt(options, 'gracePeriodSeconds') ?? query.get('gracePeriodSeconds');
  const dryRun = valueAt(options, 'dryRun') ?? query.getAll('dryRun');
  return {
    dryRun: isDryRun(Array.isArray(dryRun) ? dryRun.map(String) : []),
    graceSeconds: grace === null || grace === '' ? undefined : Number(grace),
    uid: textAt(options, 'preconditions', 'uid'),
    resourceVersion: textAt(options, 'preconditions', 'resourceVersion'),
  };
}
