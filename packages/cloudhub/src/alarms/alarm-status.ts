import type { AlertRule } from '@skerry/shared/alarms/alert-rule';
import type { Silence } from '@skerry/shared/alarms/silence';
import { at, count, field, text } from '../kube/json-read.ts';
import { conditionsOf, mergeConditions, turnedAt } from '../upstream/conditions.ts';
import type { KubeObject } from '../upstream/current-objects.ts';
import type { Fields } from '../upstream/merge-diff.ts';

/** What an AlertRule or a Silence says, or why it cannot be served. */
export type Read<T> = { readonly value: T } | { readonly flaw: string };

/** An Alert of the cluster, as far as its rule and its Silence are concerned. */
export interface CountedAlert {
  readonly rule: string;
  readonly node: string;
  readonly silencedBy: string | undefined;
}

/** Undefined of one that does not fire now. */
export function countedAlert(alert: unknown): CountedAlert | undefined {
  if (at(alert, 'status', 'state') !== 'firing') return undefined;
  const [rule = '', node = ''] = ['rule', 'node'].map((name) => text(at(alert, 'spec', name)));
  return { rule, node, silencedBy: text(at(alert, 'status', 'silencedBy')) };
}

/** Pure: the status of an AlertRule, given the alerts of that rule which fire. */
export function ruleStatus(
  object: KubeObject,
  read: Read<AlertRule>,
  { firing, now }: { readonly firing: readonly CountedAlert[]; readonly now: number },
): Fields {
  const nodes = new Set(firing.map(({ node }) => node)).size;
  return {
    ...base(object, [acceptedOf(read, ruleWords)], now),
    ...{ firing: firing.length, nodes },
  };
}

/** Pure: the status of a Silence, given the alerts that it covers by what was last said of them. */
export function silenceStatus(
  object: KubeObject,
  read: Read<Silence>,
  { covered, now }: { readonly covered: readonly CountedAlert[]; readonly now: number },
): Fields {
  const state = 'value' in read ? stateOf(read.value, now) : undefined;
  const active = {
    type: 'Active',
    status: state === 'Active' ? 'True' : 'False',
    reason: state ?? 'Unreadable',
    message: words[state ?? 'Unreadable'],
  };
  return {
    ...base(object, [acceptedOf(read, () => silenceRead), active], now),
    ...{ state: state ?? null, silenced: state === 'Active' ? covered.length : 0 },
  };
}

type SilenceState = 'Pending' | 'Active' | 'Expired';

const words: Readonly<Record<SilenceState | 'Unreadable', string>> = {
  Pending: 'spec.startsAt is still to come',
  Active: 'nobody is told of the alerts that it covers',
  Expired: 'spec.endsAt is over: it covers nothing any more',
  Unreadable: 'it covers nothing',
};
const silenceRead = { reason: 'Read', message: 'nodes go by it' };

function stateOf({ startsAt = -Infinity, endsAt }: Silence, now: number): SilenceState {
  if (now >= endsAt) return 'Expired';
  return now < startsAt ? 'Pending' : 'Active';
}

interface Words {
  readonly reason: string;
  readonly message: string;
}

function ruleWords({ enabled, source }: AlertRule): Words {
  if (!enabled)
    return { reason: 'Disabled', message: 'spec.enabled is false: nobody evaluates it' };
  const where = source.type === 'nodeSilence' ? 'in the hub' : 'on the nodes that it is placed on';
  return { reason: 'Read', message: `it is evaluated ${where}` };
}

function acceptedOf<T>(read: Read<T>, said: (value: T) => Words): Fields {
  const accepted = { type: 'Accepted', status: 'flaw' in read ? 'False' : 'True' };
  if ('flaw' in read) return { ...accepted, reason: 'Unreadable', message: read.flaw };
  return { ...accepted, ...said(read.value) };
}

function base(
  { metadata, status }: KubeObject,
  conditions: readonly Fields[],
  now: number,
): Fields {
  const generation = count(field(metadata, 'generation'));
  const before = conditionsOf(status);
  const about = generation === undefined ? {} : { observedGeneration: generation };
  const timed = conditions.map((condition) => ({
    ...condition,
    ...about,
    lastTransitionTime: turnedAt(before, condition, now),
  }));
  return {
    ...status,
    ...about,
    conditions: mergeConditions(before, timed, now),
  };
}
