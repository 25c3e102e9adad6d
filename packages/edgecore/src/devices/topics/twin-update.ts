import {
  isObject,
  objectAt,
  textAt,
  valueAt,
  type Json,
  type JsonObject,
} from '@skerry/apiserver/json';
import type { BusMessage } from '../bus.ts';
import type { DeviceId } from '../device-id.ts';
import { hear, withProperties, type DeviceTwin } from '../device-twin.ts';
import { fromJson, misfit } from '../property-value.ts';
import { forget, type Reading } from '../twin.ts';
import type { TwinStore } from '../twin-store.ts';
import { Refused, timeAt, type Request } from './request.ts';
import { viewTwin } from './twin-view.ts';

/** Properties of one twin; a program that goes on inventing names is refused. */
export const maxProperties = 256;

/** A property key has at most 128 of these. */
const propertyKey = /^[A-Za-z0-9\-_.,:/@#]{1,128}$/;

/** What an update asks: readings to take in, properties to forget. */
interface Update {
  readonly readings: readonly Reading[];
  readonly forgotten: readonly string[];
}

/**
 * `…/twin/update`: a program reports for its device. All of it or nothing is taken; the answer comes
 * when it is on disk. Late readings are taken note of and change nothing.
 */
export async function updateTwin(
  twins: TwinStore,
  device: DeviceId,
  request: Request,
  { receivedAt, retained }: BusMessage,
): Promise<JsonObject> {
  const held = twins.get(device);
  if (!held) throw new Refused(404, `no device ${device} on this node`);
  const { readings, forgotten } = readUpdate(request, held);
  const { after } = await twins.update(device, (newest) => {
    if (!newest) return undefined;
    const kept = forgotten.reduce(forget, newest.properties);
    return hear(withProperties(newest, kept), { readings, receivedAt, live: !retained }).twin;
  });
  const names = [...readings.map(({ property }) => property), ...forgotten];
  return { twin: after ? viewTwin(after.properties, names) : {} };
}

function readUpdate(request: Request, held: DeviceTwin): Update {
  const asked = objectAt(request.body, 'twin');
  if (!asked) throw new Refused(400, 'twin is not an object');
  const readings: Reading[] = [];
  const forgotten: string[] = [];
  for (const [property, entry] of Object.entries(asked)) {
    if (!propertyKey.test(property))
      throw new Refused(400, `not a property name: ${JSON.stringify(property.slice(0, 200))}`);
    if (entry === null || textAt(entry, 'metadata', 'type') === 'deleted') forgotten.push(property);
    else readings.push(...readProperty(property, entry, request, held));
  }
  const names = new Set([...held.properties.keys(), ...readings.map(({ property }) => property)]);
  if (names.size > maxProperties)
    throw new Refused(400, `a device has at most ${maxProperties} properties`);
  return { readings, forgotten };
}

function readProperty(
  property: string,
  entry: Json,
  { sourceTime }: Request,
  held: DeviceTwin,
): Reading[] {
  if (!isObject(entry)) throw new Refused(400, `twin.${property} is not an object`);
  refuseWish(property, entry, held);
  const actual = valueAt(entry, 'actual');
  if (actual === undefined || actual === null) return [];
  const value = readValue(property, valueAt(actual, 'value'), held);
  const time = timeAt(actual, 'metadata', 'timestamp') ?? sourceTime;
  return [time === undefined ? { property, value } : { property, value, sourceTime: time }];
}

function readValue(property: string, json: Json | undefined, held: DeviceTwin): string {
  const value = typeof json === 'object' ? undefined : fromJson(json);
  if (value === undefined) throw new Refused(400, `twin.${property}.actual.value is not a text`);
  const why = misfit(held.properties.get(property)?.type ?? 'STRING', value);
  if (why) throw new Refused(400, `twin.${property}.actual.value is ${why}`);
  return value;
}

/** Programs echo what they were asked for; another wish is the Device's spec to make. */
function refuseWish(property: string, entry: JsonObject, held: DeviceTwin): void {
  const wish = fromJson(valueAt(entry, 'expected', 'value'));
  const desired = held.properties.get(property)?.desired?.value;
  if (wish !== undefined && wish !== desired)
    throw new Refused(409, `twin.${property}.expected is written in the Device’s spec`);
}
