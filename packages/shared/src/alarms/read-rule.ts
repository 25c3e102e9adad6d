import { EdgeError } from '../errors.ts';
import {
  operators,
  severities,
  type AlertRule,
  type AlertSource,
  type Comparison,
  type Labels,
  type Receiver,
} from './alert-rule.ts';
import type { Silence } from './silence.ts';

/** An AlertRule or Silence that cannot be served; the message says what of it. */
export class MalformedAlarm extends EdgeError {
  readonly code = 'alarm.malformed';
  readonly disposition = 'reject';
}

type Fields = Readonly<Record<string, unknown>>;

const sourceTypes = [
  'unit',
  'verdict',
  'metric',
  'nodeCondition',
  'device',
  'container',
  'outboxLoss',
  'certificate',
  'nodeSilence',
] as const;

const defaults = { increaseSeconds: 900, timeoutSeconds: 10 } as const;

/** Reads an AlertRule as the API has it. Throws MalformedAlarm. */
export function readRule(object: unknown): AlertRule {
  const { metadata, spec } = parts(object);
  return {
    name: text(metadata, 'name'),
    uid: text(metadata, 'uid'),
    generation: number(metadata, 'generation', 0),
    enabled: spec['enabled'] !== false,
    source: readSource(inner(spec, 'source')),
    comparison: readComparison(inner(spec, 'comparison')),
    forSeconds: number(spec, 'forSeconds', 0),
    severity: choice(spec, 'severity', severities, 'warning'),
    labels: labels(spec, 'labels'),
    message: text(spec, 'message', '{{ instance }} is {{ value }}'),
    groupBy: list(spec, 'groupBy').map(String),
    receivers: list(spec, 'receivers').map(readReceiver),
  };
}

/** Reads a Silence as the API has it. Throws MalformedAlarm. */
export function readSilence(object: unknown): Silence {
  const { metadata, spec } = parts(object);
  const endsAt = time(spec, 'endsAt');
  return {
    name: text(metadata, 'name'),
    matchLabels: labels(spec, 'matchLabels'),
    ...(spec['startsAt'] !== undefined && { startsAt: time(spec, 'startsAt') }),
    endsAt,
    comment: text(spec, 'comment', ''),
  };
}

function parts(object: unknown): { readonly metadata: Fields; readonly spec: Fields } {
  const fields = asFields(object, 'the object');
  return { metadata: inner(fields, 'metadata'), spec: inner(fields, 'spec') };
}

function readSource(source: Fields): AlertSource {
  const given = sourceTypes.filter((type) => source[type] !== undefined);
  const [type] = given;
  if (type === undefined || given.length > 1)
    throw new MalformedAlarm(`spec.source needs exactly one of ${sourceTypes.join(', ')}`);
  return readers[type](inner(source, type));
}

const readers: Readonly<Record<(typeof sourceTypes)[number], (fields: Fields) => AlertSource>> = {
  unit: (of) => ({
    type: 'unit',
    judgement: text(of, 'judgement'),
    unit: text(of, 'unit'),
    measure: choice(of, 'measure', ['mean', 'score', 'passes'] as const, 'passes'),
  }),
  verdict: (of) => ({ type: 'verdict', ...texts(of, 'judgement') }),
  metric: (of) => ({
    type: 'metric',
    name: text(of, 'name'),
    labels: labels(of, 'labels'),
    ...(of['increaseSeconds'] !== undefined && {
      increaseSeconds: number(of, 'increaseSeconds', defaults.increaseSeconds),
    }),
  }),
  nodeCondition: (of) => ({ type: 'nodeCondition', condition: text(of, 'type') }),
  device: (of) => ({ type: 'device', ...texts(of, 'namespace', 'name', 'condition') }),
  container: (of) => ({ type: 'container', ...texts(of, 'namespace', 'pod') }),
  outboxLoss: (of) => ({
    type: 'outboxLoss',
    increaseSeconds: number(of, 'increaseSeconds', defaults.increaseSeconds),
  }),
  certificate: () => ({ type: 'certificate' }),
  nodeSilence: () => ({ type: 'nodeSilence' }),
};

function readComparison(of: Fields): Comparison {
  return {
    operator: choice(of, 'operator', operators),
    ...(of['threshold'] !== undefined && { threshold: number(of, 'threshold', 0) }),
    ...(of['values'] !== undefined && { values: list(of, 'values').map(String) }),
  };
}

function readReceiver(receiver: unknown): Receiver {
  const of = asFields(receiver, 'spec.receivers');
  if (of['webhook'] !== undefined) {
    const webhook = inner(of, 'webhook');
    const timeoutSeconds = number(webhook, 'timeoutSeconds', defaults.timeoutSeconds);
    return { type: 'webhook', url: text(webhook, 'url'), timeoutSeconds };
  }
  const mqtt = inner(of, 'mqtt');
  const qos = ([0, 1, 2] as const).find((one) => one === number(mqtt, 'qos', 1)) ?? 1;
  const retain = mqtt['retain'] === true;
  return { type: 'mqtt', ...texts(mqtt, 'url'), topic: text(mqtt, 'topic'), qos, retain };
}

function asFields(value: unknown, name: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new MalformedAlarm(`${name} is not an object`);
}

function inner(of: Fields, name: string): Fields {
  return asFields(of[name], name);
}

function text(of: Fields, name: string, fallback?: string): string {
  const value = of[name] ?? fallback;
  if (typeof value === 'string') return value;
  throw new MalformedAlarm(`${name} is not a text`);
}

/** Those of the names that are there. */
function texts<N extends string>(of: Fields, ...names: N[]): Partial<Record<N, string>> {
  const given = names.filter((name) => of[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, text(of, name)])) as Partial<
    Record<N, string>
  >;
}

/** Milliseconds since the epoch. */
function time(of: Fields, name: string): number {
  const at = Date.parse(text(of, name));
  if (Number.isNaN(at)) throw new MalformedAlarm(`${name} is not a time`);
  return at;
}

function number(of: Fields, name: string, fallback: number): number {
  const value = of[name] ?? fallback;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new MalformedAlarm(`${name} is not a number`);
}

function choice<T extends string>(of: Fields, name: string, all: readonly T[], fallback?: T): T {
  const value = of[name] ?? fallback;
  const chosen = all.find((one) => one === value);
  if (chosen === undefined) throw new MalformedAlarm(`${name} is not one of ${all.join(', ')}`);
  return chosen;
}

function labels(of: Fields, name: string): Labels {
  const given = asFields(of[name] ?? {}, name);
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, String(value)]));
}

function list(of: Fields, name: string): readonly unknown[] {
  const value = of[name] ?? [];
  if (Array.isArray(value)) return value;
  throw new MalformedAlarm(`${name} is not a list`);
}
