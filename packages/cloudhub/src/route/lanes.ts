import type { HeldVersion } from '@skerry/shared/change';
import type { Lane } from '@skerry/shared/delivery/outbox';
import type { ObjectKey } from '@skerry/shared/names';
import {
  alertRules,
  cronJobs,
  devices,
  pods,
  silences,
  statusJudgements,
} from '../kube/resource.ts';
import { resourceOf, type Observed } from './observed.ts';

/** Kinds that a node acts upon at once. */
const acted = new Set(
  [pods, devices, cronJobs, statusJudgements, alertRules, silences].map(({ name }) => name),
);

/** How urgent the step from `before` to `next` is for a node that holds the object already. */
export function laneOf(next: Observed, before: Observed | undefined): Lane {
  if (!next.object) return 'urgent';
  return isActedUpon(next.key) && !isEcho(next, before) ? 'urgent' : 'bulk';
}

/** How urgent the newest state of an object is for a node that holds `there` of it. Lacking it, it waits. */
export function laneOfMissing(key: ObjectKey, there: HeldVersion | undefined): Lane {
  return there && !isActedUpon(key) ? 'bulk' : 'urgent';
}

function isActedUpon(key: ObjectKey): boolean {
  return acted.has(resourceOf(key));
}

/** Nothing was desired anew: a status comes back to where it was reported. */
function isEcho(next: Observed, before: Observed | undefined): boolean {
  const { generation } = next.routing;
  return (
    generation !== undefined && before?.uid === next.uid && before.routing.generation === generation
  );
}
