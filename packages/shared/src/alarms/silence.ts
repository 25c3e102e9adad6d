import type { Alert } from './alert.ts';
import type { Labels } from './alert-rule.ts';

/** For a while nobody is told of some alerts. They are shown all the same. */
export interface Silence {
  readonly name: string;
  /** An alert that bears all of these labels; `alertname`, `node` and `severity` are labels too. */
  readonly matchLabels: Labels;
  /** Milliseconds since the epoch; undefined: since ever. */
  readonly startsAt?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly endsAt: number;
  readonly comment: string;
}

/** The silence that covers an alert now; undefined when there is none. */
export function silenceOf(
  { labels }: Pick<Alert, 'labels'>,
  silences: readonly Silence[],
  now: number,
): Silence | undefined {
  return silences.find(({ matchLabels, startsAt = -Infinity, endsAt }) => {
    const matchers = Object.entries(matchLabels);
    const covers = matchers.length > 0 && matchers.every(([name, value]) => labels[name] === value);
    return covers && startsAt <= now && now < endsAt;
  });
}

/** On a Silence that was made at a node: its name. That node may end it. */
export const madeAtAnnotation = 'edge.skerry.io/made-at';
