import type { Taint, Toleration } from '../client/objects.ts';

/** @see https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/ */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  const { effect = '' } = toleration;
  return (effect === '' || effect === taint.effect) && matchesKey(toleration, taint);
}

function matchesKey(
  { key = '', operator = 'Equal', value = '' }: Toleration,
  taint: Taint,
): boolean {
  if (operator === 'Exists') return key === '' || key === taint.key;
  return key === taint.key && value === (taint.value ?? '');
}

/** The first taint with one of these effects that nothing tolerates. */
export function untolerated(
  tolerations: readonly Toleration[] | undefined,
  taints: readonly Taint[],
  effects: readonly string[],
): Taint | undefined {
  return taints.find(
    (taint) =>
      effects.includes(taint.effect) && !(tolerations ?? []).some((one) => tolerates(one, taint)),
  );
}

/** Taints that keep a new pod away. */
export const forbidding: readonly string[] = ['NoSchedule', 'NoExecute'];
