import type { Alert } from './alert.ts';
import type { AlertRule } from './alert-rule.ts';
import { silenceOf, type Silence } from './silence.ts';

/**
 * What receivers are to be told of an alert now; undefined: nothing. They are told once that it fires, and
 * once that it has resolved, in turns. Under a silence nobody is told that something fires; when the silence
 * ends and it still does, they are. What was told to fire is told to have resolved in any case.
 */
export function dueOf(
  alert: Alert,
  silences: readonly Silence[],
  now: number,
): 'firing' | 'resolved' | undefined {
  if (alert.phase === 'firing')
    return alert.told === 'firing' || silenceOf(alert, silences, now) ? undefined : 'firing';
  return alert.phase === 'resolved' && alert.told === 'firing' ? 'resolved' : undefined;
}

/** Alerts of one rule that are told together. */
export interface Group<A extends Alert = Alert> {
  /** The same for the same rule and the same values of its `groupBy` labels. */
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly alerts: readonly A[];
}

/** Groups in the order of their first alert; each alert is in one. */
export function groupsOf<A extends Alert>(
  alerts: readonly A[],
  rules: ReadonlyMap<string, AlertRule>,
): Group<A>[] {
  const grouped = Map.groupBy(alerts, (alert) => {
    const by = rules.get(alert.rule)?.groupBy ?? [];
    return JSON.stringify([alert.rule, ...by.map((name) => [name, alert.labels[name] ?? ''])]);
  });
  return [...grouped].map(([key, members]) => {
    const [rule, ...pairs] = JSON.parse(key) as [string, ...[string, string][]];
    return { key, labels: { alertname: rule, ...Object.fromEntries(pairs) }, alerts: members };
  });
}
