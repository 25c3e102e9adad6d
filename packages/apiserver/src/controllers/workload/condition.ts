import { kubeTime } from '@skerry/shared/clock';
import type { Condition } from '../client/objects.ts';

/** What a condition says, without the times. */
export interface Saying {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
}

/** The conditions with this one; its time changes only with its status. */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  saying: Saying,
  now: number,
): Condition[] {
  const known = conditions ?? [];
  const before = known.find(({ type }) => type === saying.type);
  const since = before?.status === saying.status ? before.lastTransitionTime : undefined;
  const next: Condition = { ...saying, lastTransitionTime: since ?? kubeTime(now) };
  return before ? known.map((one) => (one === before ? next : one)) : [...known, next];
}

export function withoutCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition[] {
  return (conditions ?? []).filter((condition) => condition.type !== type);
}
