import { kubeTime } from '@skerry/shared/clock';
import type { KubeObject } from '../json.ts';
import type { KindRules, RuleContext } from '../kinds/kind-rules.ts';
import type { Decision } from '../storage/object-store.ts';
import type { DeleteOptions, Propagation } from './delete-options.ts';

/** Holds a deleted object until its dependents no longer name it as their owner. */
export const orphanFinalizer = 'orphan';
/** Holds a deleted object until the dependents that block its deletion are gone. */
export const foregroundFinalizer = 'foregroundDeletion';

/** What a client asked of a deletion. */
export type Asked = Pick<DeleteOptions, 'graceSeconds' | 'propagation'>;

/**
 * What becomes of an object that is to be deleted: nothing more (it is being deleted already), marked
 * until its holder or its finalizers let go, or removed. Changes `object`.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
 * @see https://kubernetes.io/docs/concepts/architecture/garbage-collection/#cascading-deletion
 */
export function removal(
  object: KubeObject,
  asked: Asked,
  rules: KindRules,
  context: RuleContext,
): Decision {
  return object.metadata.deletionTimestamp === undefined
    ? begin(object, asked, rules, context)
    : hasten(object, asked, rules);
}

/** Whether nothing holds a deleted object any longer. */
export function isReleased(object: KubeObject, rules: KindRules): boolean {
  return (object.metadata.finalizers ?? []).length === 0 && !rules.isHeldBack?.(object);
}

function begin(object: KubeObject, asked: Asked, rules: KindRules, context: RuleContext): Decision {
  const grace = rules.graceSeconds?.(object, asked.graceSeconds) ?? 0;
  const now = context.clock.now();
  const { metadata } = object;
  rules.deleting?.(object, context);
  holdForDependents(object, asked.propagation, rules);
  const goesAtOnce = grace === 0 && isReleased(object, rules);
  if (goesAtOnce && !rules.graceSeconds) return { do: 'remove', object };
  metadata.deletionTimestamp = kubeTime(now + grace * 1000);
  metadata.deletionGracePeriodSeconds = grace;
  if (metadata.generation !== undefined) metadata.generation += 1;
  return { do: goesAtOnce ? 'remove' : 'put', object };
}

/** A deletion under way may only be made shorter, or have its dependents treated in another way. */
function hasten(object: KubeObject, asked: Asked, rules: KindRules): Decision {
  const { metadata } = object;
  const isHeldOtherwise = holdForDependents(object, asked.propagation, rules);
  const left = metadata.deletionGracePeriodSeconds ?? 0;
  const grace = Math.min(left, graceOf(object, asked, rules) ?? left);
  if (grace === left && !isHeldOtherwise) return { do: 'keep' };
  const deadline = Date.parse(metadata.deletionTimestamp ?? '') - (left - grace) * 1000;
  metadata.deletionTimestamp = kubeTime(deadline);
  metadata.deletionGracePeriodSeconds = grace;
  return { do: grace === 0 && isReleased(object, rules) ? 'remove' : 'put', object };
}

/** The grace that a client names now, as the kind understands it; undefined when it names none. */
function graceOf(
  object: KubeObject,
  { graceSeconds }: Asked,
  rules: KindRules,
): number | undefined {
  if (graceSeconds === undefined) return undefined;
  return rules.graceSeconds?.(object, graceSeconds) ?? 0;
}

/** Sets the finalizers that the garbage collector answers to. Whether that changed any. */
function holdForDependents(
  { metadata }: KubeObject,
  asked: Propagation | undefined,
  rules: KindRules,
): boolean {
  const before = metadata.finalizers ?? [];
  const wanted = finalizerFor(asked ?? impliedBy(before, rules));
  const others = before.filter((one) => one !== orphanFinalizer && one !== foregroundFinalizer);
  const after = wanted === undefined ? others : [...others, wanted];
  if (after.length === before.length && after.every((one) => before.includes(one))) return false;
  metadata.finalizers = after;
  if (after.length === 0) delete metadata.finalizers;
  return true;
}

function impliedBy(finalizers: readonly string[], rules: KindRules): Propagation {
  if (finalizers.includes(orphanFinalizer)) return 'Orphan';
  if (finalizers.includes(foregroundFinalizer)) return 'Foreground';
  return rules.orphansDependents === true ? 'Orphan' : 'Background';
}

function finalizerFor(propagation: Propagation): string | undefined {
  if (propagation === 'Orphan') return orphanFinalizer;
  return propagation === 'Foreground' ? foregroundFinalizer : undefined;
}
