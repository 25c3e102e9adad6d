import type { Job } from '../client/kinds.ts';
import { parseIndexes } from './indexes.ts';

/**
 * Pure: the first rule of an indexed job's policy that what has succeeded fulfils; undefined when none is.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#success-policy
 */
export function ruleFulfilled({ spec }: Job, succeeded: ReadonlySet<number>): number | undefined {
  const rules = spec.successPolicy?.rules ?? [];
  const found = rules.findIndex(({ succeededIndexes, succeededCount }) => {
    const meant = succeededIndexes === undefined ? [...succeeded] : parseIndexes(succeededIndexes);
    const done = meant.filter((index) => succeeded.has(index)).length;
    return done >= (succeededCount ?? meant.length);
  });
  return found < 0 ? undefined : found;
}
