import { kubeTime } from '@skerry/shared/clock';
import type { KubeObject } from '../json.ts';
import type { KindRules, RuleContext } from '../kinds/kind-rules.ts';
import type { Decision } from '../storage/object-store.ts';

/**
 * What becomes of an object that is to be deleted: nothing more (it is being deleted already), marked
 * until its holder or its finalizers let go, or removed. Changes `object`.
 *
 * @param asked grace in seconds, where the client named one
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/
 * @see https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
 */
export function removal(
  object: KubeObject,
  asked: number | undefined,
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

function begin(
  object: KubeObject,
  asked: number | undefined,
  rules: KindRules,
  context: RuleContext,
): Decision {
  const grace = rules.graceSeconds?.(object, asked) ?? 0;
  const now = context.clock.now();
  const { metadata } = object;
  rules.deleting?.(object, context);
  const goesAtOnce = grace === 0 && isReleased(object, rules);
  if (goesAtOnce && !rules.graceSeconds) return { do: 'remove', object };
  metadata.deletionTimestamp = kubeTime(now + grace * 1000);
  metadata.deletionGracePeriodSeconds = grace;
  if (metadata.generation !== undefined) metadata.generation += 1;
  return { do: goesAtOnce ? 'remove' : 'put', object };
}

/** A deletion under way may only be made shorter. */
function hasten(object: KubeObject, asked: number | undefined, rules: KindRules): Decision {
  const { metadata } = object;
  const left = metadata.deletionGracePeriodSeconds ?? 0;
  const grace = asked === undefined ? left : (rules.graceSeconds?.(object, asked) ?? 0);
  if (grace >= left) return { do: 'keep' };
  const deadline = Date.parse(metadata.deletionTimestamp ?? '') - (left - grace) * 1000;
  metadata.deletionTimestamp = kubeTime(deadline);
  metadata.deletionGracePeriodSeconds = grace;
  return { do: grace === 0 && isReleased(object, rules) ? 'remove' : 'put', object };
}
