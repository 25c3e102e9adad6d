import type { Alert } from '@skerry/shared/alarms/alert';
import { resolvedKeptSeconds } from '@skerry/shared/alarms/default-rules';
import { text } from '../kube/json-read.ts';
import type { Fields } from '../upstream/merge-diff.ts';

/** A node has one alert of each rule. */
export function alertKey(node: string, rule: string): string {
  return `${node} ${rule}`;
}

/** What resolved so long ago that nobody needs it. */
export function isPast({ phase, endsAt = Infinity }: Alert, now: number): boolean {
  return phase === 'resolved' && endsAt < now - resolvedKeptSeconds * 1_000;
}

/** An alert as its Alert object tells of it: whoever was to be told has been, unless it was silenced. */
export function alertOf(spec: Fields, status: Fields): Alert {
  const at = (name: string): number | undefined => {
    const ms = Date.parse(String(status[name]));
    return Number.isNaN(ms) ? undefined : ms;
  };
  const phase = status['state'] === 'firing' ? 'firing' : 'resolved';
  return {
    ...{ rule: String(spec['rule']), instance: text(spec['instance']) ?? '', phase },
    heldSince: phase === 'firing' ? at('startsAt') : undefined,
    startsAt: at('startsAt'),
    endsAt: at('endsAt'),
    severity: (spec['severity'] ?? 'critical') as Alert['severity'],
    labels: (spec['labels'] ?? {}) as Alert['labels'],
    value: text(status['value']) ?? '',
    message: text(status['message']) ?? '',
    told: typeof status['silencedBy'] === 'string' ? undefined : phase,
    generation: 0,
  };
}
