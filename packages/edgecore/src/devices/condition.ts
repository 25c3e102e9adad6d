import { textAt, type Json } from '@skerry/apiserver/json';
import { kubeTime } from '@skerry/shared/clock';

/**
 * `Mapped`: an edge serves the Device as its spec asks. `Online`: the device is heard. The others are
 * there while they are true: a desired value is not taken, readings are refused, something that the spec
 * asks for is not served.
 */
export type ConditionType =
  | 'Mapped'
  | 'Online'
  | 'DesiredNotReached'
  | 'ReadingsRefused'
  | 'PushMethodUnsupported'
  | 'MethodsUnsupported'
  | 'FieldsUnsupported';

/** What an edge says of a Device, in the form of `metav1.Condition`. */
export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  /** CamelCase, stable: for programs. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
  /** RFC 3339: when `status` last changed. */
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
}

export interface Finding {
  readonly type: ConditionType;
  readonly status: Condition['status'];
  readonly reason: string;
  readonly message: string;
}

/** The condition for a finding; keeps the transition time of an earlier one of its type and status. */
export function conditionOf(
  finding: Finding,
  earlier: readonly Json[],
  generation: number,
  now: number,
): Condition {
  const held = earlier.find((condition) => textAt(condition, 'type') === finding.type) ?? null;
  const since = textAt(held, 'lastTransitionTime');
  const unturned = textAt(held, 'status') === finding.status;
  return {
    ...finding,
    lastTransitionTime: unturned && since ? since : kubeTime(now),
    observedGeneration: generation,
  };
}
