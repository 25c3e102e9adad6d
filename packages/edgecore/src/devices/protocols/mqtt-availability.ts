import type { JsonObject } from '@skerry/apiserver/json';
import { messageOf } from '@skerry/shared/errors';
import { parseJsonPath, valueAtPath, type JsonPath } from '../json-path.ts';
import { fromJson } from '../property-value.ts';
import { topicProblem } from '../topic-filter.ts';
import { readPayload } from './mqtt-visitor.ts';

/** Where a device, or the broker by its last will, says whether it is there (docs/DEVICES.md). */
export interface Availability {
  readonly topic: string;
  /** Where in the payload; absent: the payload itself. */
  readonly path: JsonPath | undefined;
  readonly available: string;
  readonly notAvailable: string;
}

const fields = [
  'availabilityTopic',
  'availabilityPath',
  'payloadAvailable',
  'payloadNotAvailable',
] as const;

/** Reads `protocol.configData` of a Device; what is wrong goes into `problems`, in words. */
export function readAvailability(
  config: JsonObject,
  problems: string[],
): { readonly availability: Availability | undefined; readonly ignored: readonly string[] } {
  const known: readonly string[] = fields;
  const ignored = Object.keys(config).filter((name) => !known.includes(name));
  const text = (name: (typeof fields)[number]): string | undefined => fromJson(config[name]);
  const topic = text('availabilityTopic');
  if (topic === undefined) return { availability: undefined, ignored };
  const problem = topicProblem(topic);
  if (problem) problems.push(`availabilityTopic ${problem}`);
  return {
    availability: {
      topic,
      path: readPath(text('availabilityPath'), problems),
      available: text('payloadAvailable') ?? 'online',
      notAvailable: text('payloadNotAvailable') ?? 'offline',
    },
    ignored,
  };
}

/** What a payload says of the device; undefined when it is neither of the two words. */
export function stateSaid(
  { path, available, notAvailable }: Availability,
  payload: Uint8Array,
): 'online' | 'offline' | undefined {
  const { text, json } = readPayload(payload);
  const found = path && json !== undefined ? valueAtPath(json, path) : undefined;
  const word = path ? fromJson(found) : text?.trim();
  if (word === available) return 'online';
  return word === notAvailable ? 'offline' : undefined;
}

function readPath(text: string | undefined, problems: string[]): JsonPath | undefined {
  if (text === undefined) return undefined;
  try {
    return parseJsonPath(text);
  } catch (error) {
    problems.push(`availabilityPath: ${messageOf(error)}`);
    return undefined;
  }
}
