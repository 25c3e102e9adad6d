import { kubeTime } from '@skerry/shared/clock';
import { list, text, field } from '../kube/json-read.ts';
import { isFields, type Fields } from './merge-diff.ts';

/** The elements of `status.conditions`; what is not a condition is left out. */
export function conditionsOf(status: unknown): Fields[] {
  return list(field(status, 'conditions')).filter(
    (each): each is Fields => isFields(each) && text(each['type']) !== undefined,
  );
}

/**
 * The conditions after a report: those it states replace those of the same type, those of other
 * reporters (a scheduler, a problem detector, a controller) stay. Order is kept.
 *
 * `lastTransitionTime` never goes back, and a status that differs from the one recorded turned now, if
 * the report says it turned earlier than that: somebody else had turned it meanwhile.
 */
export function mergeConditions(
  current: readonly Fields[],
  reported: readonly Fields[],
  nowMs: number,
): Fields[] {
  const known = new Map(current.map((condition) => [condition['type'], condition]));
  const merged = new Map(known);
  for (const condition of reported) {
    const before = known.get(condition['type']);
    merged.set(condition['type'], before ? follow(before, condition, nowMs) : condition);
  }
  return [...merged.values()];
}

function follow(before: Fields, condition: Fields, nowMs: number): Fields {
  const recorded = before['lastTransitionTime'];
  if (Date.parse(String(condition['lastTransitionTime'])) > Date.parse(String(recorded)))
    return condition;
  if (recorded === undefined) return condition;
  const turned = before['status'] !== condition['status'];
  return { ...condition, lastTransitionTime: turned ? kubeTime(nowMs) : recorded };
}

/** Since when a condition is as it is: one that says the same as before keeps its time. */
export function turnedAt(
  before: readonly Fields[],
  { type, status }: Fields,
  nowMs: number,
): Fields[string] {
  const same = before.find((one) => one['type'] === type && one['status'] === status);
  return same?.['lastTransitionTime'] ?? kubeTime(nowMs);
}

/**
 * A status after a report: fields the reporter owns are as it says, or gone when it does not mention
 * them; every other field is taken from the report where it is stated and stays where it is not.
 */
export function overlay(current: Fields, reported: Fields, owned: readonly string[]): Fields {
  const rest = Object.entries(current).filter(([name]) => !owned.includes(name));
  return { ...Object.fromEntries(rest), ...reported };
}
