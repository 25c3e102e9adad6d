import { parseQuantity } from '../../schema/quantity.ts';
import type { Container, PodSpec } from '../client/objects.ts';

/** Resources and how much of each, in thousandths: whole numbers, so that sums are exact. */
export type Amounts = ReadonlyMap<string, number>;

export function amounts(quantities: Readonly<Record<string, string>> = {}): Amounts {
  return new Map(Object.entries(quantities).map(([name, text]) => [name, milli(text)]));
}

function milli(text: string): number {
  const nanos = parseQuantity(text)?.nanos ?? 0n;
  return Number((nanos + 999_999n) / 1_000_000n);
}

export function sum(...all: readonly Amounts[]): Amounts {
  const total = new Map<string, number>();
  for (const each of all)
    for (const [name, amount] of each) total.set(name, (total.get(name) ?? 0) + amount);
  return total;
}

function greatest(one: Amounts, other: Amounts): Amounts {
  const names = new Set([...one.keys(), ...other.keys()]);
  return new Map(
    [...names].map((name) => [name, Math.max(one.get(name) ?? 0, other.get(name) ?? 0)]),
  );
}

/**
 * What a pod asks its node for: all its containers together, or what one of its init containers needs
 * beside the sidecars begun before it, whichever is more.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/pods/init-containers/#resource-sharing-within-containers
 */
export function requestsOf({ containers, initContainers = [], overhead }: PodSpec): Amounts {
  let sidecars: Amounts = new Map();
  let starting: Amounts = new Map();
  for (const container of initContainers) {
    const wanted = requested(container);
    if (container.restartPolicy === 'Always') sidecars = sum(sidecars, wanted);
    const now = container.restartPolicy === 'Always' ? sidecars : sum(sidecars, wanted);
    starting = greatest(starting, now);
  }
  const running = sum(sidecars, ...containers.map(requested));
  return sum(greatest(running, starting), amounts(overhead));
}

function requested({ resources }: Container): Amounts {
  return amounts({ ...resources?.limits, ...resources?.requests });
}
