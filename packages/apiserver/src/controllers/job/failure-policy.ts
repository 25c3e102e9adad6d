import type { Job, PodFailurePolicyRule } from '../client/kinds.ts';
import type { ContainerStatus, Pod } from '../client/objects.ts';

/** What becomes of a failed pod, and by what. */
export interface Handling {
  readonly action: 'Count' | 'FailIndex' | 'FailJob' | 'Ignore';
  /** For people, of a rule that matched; empty when none did. */
  readonly why: string;
}

const counted: Handling = { action: 'Count', why: '' };

/**
 * Pure: what a job's policy says of a failed pod. The first rule that matches decides; without one it counts
 * towards the backoff limit.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy
 */
export function handlingOf({ spec }: Job, pod: Pod): Handling {
  for (const [index, rule] of (spec.podFailurePolicy?.rules ?? []).entries()) {
    const matched = matchOf(rule, pod);
    if (matched === undefined) continue;
    const why = `${matched} matching ${rule.action} rule at index ${index}`;
    return { action: rule.action, why };
  }
  return counted;
}

function matchOf(rule: PodFailurePolicyRule, pod: Pod): string | undefined {
  const { namespace, name } = pod.metadata;
  const container = containerMatching(rule, pod);
  if (container) {
    const code = container.state?.terminated?.exitCode ?? 0;
    return `Container ${container.name} for pod ${namespace}/${name} failed with exit code ${code}`;
  }
  const condition = conditionMatching(rule, pod);
  return condition && `Pod ${namespace}/${name} has condition ${condition}`;
}

function containerMatching(
  { onExitCodes }: PodFailurePolicyRule,
  { status }: Pod,
): ContainerStatus | undefined {
  if (!onExitCodes) return undefined;
  const { containerName, operator, values } = onExitCodes;
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  return all.find(({ name, state }) => {
    const code = state?.terminated?.exitCode ?? 0;
    const isMeant = containerName === undefined || containerName === name;
    return isMeant && code !== 0 && values.includes(code) === (operator === 'In');
  });
}

function conditionMatching(
  { onPodConditions = [] }: PodFailurePolicyRule,
  { status }: Pod,
): string | undefined {
  const { conditions = [] } = status ?? {};
  return onPodConditions.find((wanted) =>
    conditions.some(
      (one) => one.type === wanted.type && one.status === ((wanted.status ?? '') || 'True'),
    ),
  )?.type;
}
