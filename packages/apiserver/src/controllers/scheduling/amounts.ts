import { readAmounts, type Amounts } from '@skerry/shared/kube/amounts';
import { podRequests } from '@skerry/shared/kube/pod-needs';
import type { PodSpec } from '../client/objects.ts';

/** Resources and how much of each, in thousandths: whole numbers, which are compared often and fast. */
export type MilliAmounts = ReadonlyMap<string, number>;

export function amounts(quantities?: Readonly<Record<string, string>>): MilliAmounts {
  return inMillis(readAmounts(quantities));
}

/** What a pod asks its node for. */
export function requestsOf(spec: PodSpec): MilliAmounts {
  return inMillis(podRequests(spec));
}

export function sum(...all: readonly MilliAmounts[]): MilliAmounts {
  const total = new Map<string, number>();
  for (const each of all)
    for (const [name, amount] of each) total.set(name, (total.get(name) ?? 0) + amount);
  return total;
}

function inMillis(amounts: Amounts): MilliAmounts {
  return new Map(
    [...amounts].map(([name, nanos]) => [name, Number((nanos + 999_999n) / 1_000_000n)]),
  );
}
