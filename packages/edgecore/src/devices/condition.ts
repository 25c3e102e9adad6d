import { textAt, type Json } from '@skerry/apiserver/json';
import { kubeTime } from '@skerry/shared/clock';

/** Whether an edge serves the Device as its spec asks, in the form of `metav1.Condition`. */
export interface Condition {
  readonly type: 'Mapped';
  readonly status: 'True' | 'False';
  /** CamelCase, stable: for programs. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
  /** RFC 3339: when `status` last changed. */
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
}

export interface Finding {
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

/** The condition for a finding; keeps the transition time of an earlier one of the same status. */
export function conditionOf(
  finding: Finding,
  earlier: readonly Json[],
  generation: number,
  now: number,
): Condition {
  const held = earlier.find((condition) => textAt(condition, 'type') === 'Mapped') ?? null;
  const since = textAt(held, 'lastTransitionTime');
  const unturned = textAt(held, 'status') === finding.status;
  return {
    type: 'Mapped',
    ...finding,
    lastTransitionTime: unturned && since ? since : kubeTime(now),
    observedGeneration: generation,
  };
}
