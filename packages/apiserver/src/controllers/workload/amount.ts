import type { CountOrShare } from '../client/kinds.ts';

/**
 * A count, or a share such as `25%` of `total`, rounded as asked; what is neither counts as nothing.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-unavailable
 */
export function amountOf(
  value: CountOrShare | undefined,
  total: number,
  round: 'up' | 'down',
): number {
  if (typeof value === 'number') return value;
  const share = /^(\d+)%$/.exec(value ?? '');
  const exact = (Number(share?.[1] ?? 0) * total) / 100;
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact);
}
