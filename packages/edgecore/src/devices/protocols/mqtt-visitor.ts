import type { Json, JsonObject } from '@skerry/apiserver/json';
import { messageOf } from '@skerry/shared/errors';
import type { Qos } from '../bus.ts';
import { documentWith, parseJsonPath, valueAtPath, type JsonPath } from '../json-path.ts';
import type { MappedProperty } from '../mapper.ts';
import { fromJson, misfit, toJson } from '../property-value.ts';
import { topicProblem } from '../topic-filter.ts';
import type { Reading } from '../twin.ts';

/** `visitors.configData` of a property that is reached over MQTT, checked (docs/DEVICES.md). */
export interface MqttVisitor {
  readonly property: MappedProperty;
  /** Where readings are published; absent for a property that is only written. */
  readonly topic: string | undefined;
  /** Where the value is in the payload; absent: the payload is the value. */
  readonly path: JsonPath | undefined;
  readonly timestampPath: JsonPath | undefined;
  readonly timestampUnitMs: number;
  /** Where desired values are published; absent for a property that is only read. */
  readonly setTopic: string | undefined;
  /** Where the value goes in the payload; absent: the payload is the value. */
  readonly setPath: JsonPath | undefined;
  readonly qos: Qos;
  readonly retain: boolean;
}

const fields = [
  'topic',
  'jsonPath',
  'timestampPath',
  'timestampUnit',
  'setTopic',
  'setPath',
  'qos',
  'retain',
] as const;
type Field = (typeof fields)[number];

const timestampUnitsMs: Readonly<Record<string, number>> = { s: 1_000, ms: 1, us: 0.001, ns: 1e-6 };

/** Reads a property's `configData`; what is wrong with it goes into `problems`, in words. */
export function readVisitor(property: MappedProperty, problems: string[]): MqttVisitor {
  const config = new VisitorConfig(property, problems);
  const visitor: MqttVisitor = {
    property,
    topic: config.topic('topic'),
    path: config.path('jsonPath'),
    timestampPath: config.path('timestampPath'),
    timestampUnitMs: config.oneOf('timestampUnit', timestampUnitsMs, 'ms'),
    setTopic: config.topic('setTopic'),
    setPath: config.path('setPath'),
    qos: config.oneOf<Qos>('qos', { 0: 0, 1: 1, 2: 2 }, '1'),
    retain: config.oneOf('retain', { true: true, false: false }, 'false'),
  };
  if (!config.has('topic') && !config.has('setTopic'))
    config.problem('neither topic nor setTopic is given');
  config.checkNames();
  return visitor;
}

/** One property's `configData`, read field by field. */
class VisitorConfig {
  readonly #name: string;
  readonly #config: JsonObject;
  readonly #problems: string[];

  constructor({ name, visitor }: MappedProperty, problems: string[]) {
    this.#name = name;
    this.#config = visitor;
    this.#problems = problems;
  }

  has(field: Field): boolean {
    return this.#text(field) !== undefined;
  }

  problem(text: string): void {
    this.#problems.push(`property ${this.#name}: ${text}`);
  }

  topic(field: Field): string | undefined {
    const topic = this.#text(field);
    const problem = topic === undefined ? undefined : topicProblem(topic);
    if (problem) this.problem(`${field} ${problem}`);
    return topic;
  }

  path(field: Field): JsonPath | undefined {
    const text = this.#text(field);
    if (text === undefined) return undefined;
    try {
      return parseJsonPath(text);
    } catch (error) {
      this.problem(`${field}: ${messageOf(error)}`);
      return undefined;
    }
  }

  oneOf<T>(field: Field, choices: Readonly<Record<string, T>>, fallback: string): T {
    const chosen = this.#text(field) ?? fallback;
    if (!Object.hasOwn(choices, chosen))
      this.problem(`${field} is ${chosen}, not one of ${Object.keys(choices).join(', ')}`);
    return (choices[chosen] ?? choices[fallback]) as T;
  }

  /** A field misspelt would otherwise be a reading that never comes. */
  checkNames(): void {
    const known: readonly string[] = fields;
    for (const name of Object.keys(this.#config))
      if (!known.includes(name)) this.problem(`configData has no field ${name}`);
  }

  #text(field: Field): string | undefined {
    const value = this.#config[field];
    return typeof value === 'object' ? undefined : fromJson(value);
  }
}

/** What a payload says of one property: a reading, nothing, or something that cannot be taken. */
export type Extracted =
  | { readonly do: 'take'; readonly reading: Reading }
  | { readonly do: 'skip' }
  | { readonly do: 'refuse'; readonly why: string };

/** Reads one property out of a payload. A JSON document that lacks it says nothing of it. */
export function extract(visitor: MqttVisitor, payload: Payload): Extracted {
  const { property, path, timestampPath, timestampUnitMs } = visitor;
  if (payload.text === undefined) return { do: 'refuse', why: 'the payload is not UTF-8' };
  if (payload.text === '') return { do: 'skip' }; // how publishers delete a retained message
  if (path && payload.json === undefined) return { do: 'refuse', why: 'the payload is not JSON' };
  const value = path ? fromJson(found(payload, path)) : payload.text.trim();
  if (value === undefined) return { do: 'skip' };
  const why = misfit(property, value);
  if (why) return { do: 'refuse', why: `the value of ${property.name} is ${why}` };
  const sourceTime = toTime(found(payload, timestampPath), timestampUnitMs);
  const reading = { property: property.name, value };
  return { do: 'take', reading: sourceTime === undefined ? reading : { ...reading, sourceTime } };
}

function found({ json }: Payload, path: JsonPath | undefined): Json | undefined {
  return path && json !== undefined ? valueAtPath(json, path) : undefined;
}

/** Milliseconds since the epoch, from a number in the device's unit or an RFC 3339 text. */
function toTime(stamp: Json | undefined, unitMs: number): number | undefined {
  if ((typeof stamp !== 'number' && typeof stamp !== 'string') || stamp === '') return undefined;
  const count = Number(stamp);
  const time = Number.isNaN(count) ? Date.parse(String(stamp)) : count * unitMs;
  return Number.isFinite(time) ? Math.round(time) : undefined;
}

/** A payload read once for all the properties in it. */
export interface Payload {
  /** Undefined when it is not UTF-8. */
  readonly text: string | undefined;
  /** Undefined when it is not JSON. */
  readonly json: Json | undefined;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

export function readPayload(bytes: Uint8Array): Payload {
  let text: string | undefined;
  try {
    text = utf8.decode(bytes);
    return { text, json: JSON.parse(text) as Json };
  } catch {
    return { text, json: undefined };
  }
}

/** The payload that asks a device to take `value`. */
export function setPayload({ property, setPath }: MqttVisitor, value: string): string {
  return setPath ? JSON.stringify(documentWith(setPath, toJson(property.type, value))) : value;
}
