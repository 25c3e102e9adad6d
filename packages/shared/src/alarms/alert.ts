import { createHash } from 'node:crypto';
import {
  holds,
  messageFor,
  type AlertRule,
  type Labels,
  type Severity,
  type Sighting,
} from './alert-rule.ts';

/** Something that a rule has found, from the moment it may be so. Times in milliseconds since the epoch. */
export interface Alert {
  readonly rule: string;
  readonly instance: string;
  /** `pending`: it holds, and not for long enough. */
  readonly phase: 'pending' | 'firing' | 'resolved';
  /** Since when it holds; undefined when it does not. */
  readonly heldSince?: number | undefined;
  /** When it fired last; undefined: never. */
  readonly startsAt?: number | undefined;
  /** When it resolved last; undefined: it has not since it fired. */
  readonly endsAt?: number | undefined;
  readonly severity: Severity;
  readonly labels: Labels;
  readonly value: string;
  readonly message: string;
  /** What receivers were told last. */
  readonly told?: 'firing' | 'resolved' | undefined;
  readonly generation: number;
}

/** Instances of one rule that are watched at once; more are not looked at. */
export const maxInstances = 500;

/**
 * The alert after one more look. Pure. Undefined: there is nothing to remember.
 *
 * It fires when the comparison has held without a break for as long as the rule says, and resolves at the
 * first look at which it does not hold. What cannot be known changes nothing. A clock that was set back
 * begins the wait anew, and never fires early.
 */
export function look(
  held: Alert | undefined,
  rule: AlertRule,
  { node, sighting, now }: Look,
): Alert | undefined {
  const isSo = sighting ? holds(rule.comparison, sighting.value) : false;
  if (isSo === undefined) return held;
  if (!isSo || !sighting) return ended(held, now);
  return {
    ...phaseOf(held, rule, now),
    rule: rule.name,
    instance: sighting.instance,
    severity: rule.severity,
    labels: labelsOf(rule, node, sighting),
    value: String(sighting.value),
    message: messageFor(rule, node, sighting),
    told: held?.told,
    generation: rule.generation,
  };
}

/** Of something that holds. */
function phaseOf(
  held: Alert | undefined,
  { forSeconds }: AlertRule,
  now: number,
): Pick<Alert, 'phase' | 'heldSince' | 'startsAt' | 'endsAt'> {
  const { phase, heldSince: since = now, startsAt, endsAt } = held ?? {};
  const heldSince = Math.min(since, now); // of one that has resolved there is none
  if (phase === 'firing') return { phase, heldSince, startsAt, endsAt: undefined };
  if (now - heldSince < forSeconds * 1_000)
    return { phase: 'pending', heldSince, startsAt, endsAt };
  return { phase: 'firing', heldSince, startsAt: now, endsAt: undefined };
}

export interface Look {
  readonly node: string;
  /** Undefined: what it was about is no more. */
  readonly sighting: Sighting | undefined;
  readonly now: number;
}

/** The alert once what it is about holds no longer; undefined: there is nothing to remember. */
export function ended(held: Alert | undefined, now: number): Alert | undefined {
  if (!held || held.phase === 'resolved') return held;
  if (held.phase === 'pending' && held.endsAt === undefined) return undefined;
  const endsAt = held.phase === 'firing' ? Math.max(now, held.startsAt ?? now) : held.endsAt;
  return { ...held, phase: 'resolved', heldSince: undefined, endsAt };
}

function labelsOf({ name, labels, severity }: AlertRule, node: string, sighting: Sighting): Labels {
  return { ...sighting.labels, ...labels, alertname: name, node, severity };
}

/** The same for the same thing on the same node, whoever asks and however often. */
export function fingerprintOf(
  node: string,
  { rule, instance }: Pick<Alert, 'rule' | 'instance'>,
): string {
  const text = JSON.stringify([rule, node, instance]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Name of the Alert object: that of the rule and the node in front, for people. */
export function alertName(node: string, alert: Pick<Alert, 'rule' | 'instance'>): string {
  return `${alert.rule}.${node}.${fingerprintOf(node, alert)}`
    .slice(-253)
    .replace(/^[^a-z0-9]+/, '');
}
