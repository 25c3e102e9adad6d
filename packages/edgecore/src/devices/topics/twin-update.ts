import {
  isObject,
  objectAt,
  textAt,
  valueAt,
  type Json,
  type JsonObject,
} from '@skerry/apiserver/json';
import type { BusMessage } from '../bus.ts';
import type { PropertyDescription } from '../description.ts';
import type { DeviceId } from '../device-id.ts';
import { hear, withProperties, type DeviceTwin } from '../device-twin.ts';
import { fromJson, misfit } from '../property-value.ts';
import type { Recorder } from '../recorder.ts';
import type { Served } from '../roster.ts';
import { forget, wish, type Reading, type ReportOutcome } from '../twin.ts';
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
  readonly wishes: readonly Reading[];
}

/** Where an update is laid. */
export interface TwinUpdating {
  readonly twins: TwinStore;
  readonly record: Recorder;
  readonly served: (device: DeviceId) => Served | undefined;
}

/** The twin as it is, with what its model says. */
interface Held {
  readonly twin: DeviceTwin;
  /** What the model says of a property; undefined for one that the Device does not have. */
  readonly ruleOf: (property: string) => PropertyDescription | undefined;
}

/**
 * `…/twin/update`: a program reports for its device, or desires a value of it. All of it or nothing is
 * taken; the answer comes when it is on disk. Late readings are taken note of and change nothing.
 */
export async function updateTwin(
  { twins, record, served }: TwinUpdating,
  device: DeviceId,
  request: Request,
  { receivedAt, retained }: BusMessage,
): Promise<JsonObject> {
  const twin = twins.get(device);
  if (!twin) throw new Refused(404, `no device ${device} on this node`);
  const rules = served(device)?.description.properties ?? [];
  const held: Held = { twin, ruleOf: (property) => rules.find(({ name }) => name === property) };
  const { readings, forgotten, wishes } = readUpdate(request, held);
  const live = !retained && wishes.length < readings.length + forgotten.length + wishes.length;
  const arrival = { readings, receivedAt, live };
  let outcomes: readonly ReportOutcome[] = [];
  const durable = twins.update(device, (newest) => {
    if (!newest) return undefined;
    const kept = forgotten.reduce(forget, newest.properties);
    const wished = wishes.reduce((so, one) => wish(so, one.property, one, receivedAt), kept);
    const heard = hear(withProperties(newest, wished), arrival);
    ({ outcomes } = heard);
    return heard.twin;
  });
  const [{ after }] = await Promise.all([durable, record(device, arrival, outcomes)]);
  const names = [...[...readings, ...wishes].map(({ property }) => property), ...forgotten];
  return { twin: after ? viewTwin(after.properties, names) : {} };
}

function readUpdate(request: Request, held: Held): Update {
  const asked = objectAt(request.body, 'twin');
  if (!asked) throw new Refused(400, 'twin is not an object');
  const readings: Reading[] = [];
  const forgotten: string[] = [];
  const wishes: Reading[] = [];
  for (const [property, entry] of Object.entries(asked)) {
    if (!propertyKey.test(property))
      throw new Refused(400, `not a property name: ${JSON.stringify(property.slice(0, 200))}`);
    if (entry === null || textAt(entry, 'metadata', 'type') === 'deleted') forgotten.push(property);
    else {
      if (!isObject(entry)) throw new Refused(400, `twin.${property} is not an object`);
      wishes.push(...readWish(property, entry, held));
      readings.push(...readProperty(property, entry, request, held));
    }
  }
  const names = new Set([
    ...held.twin.properties.keys(),
    ...readings.map(({ property }) => property),
  ]);
  if (names.size > maxProperties)
    throw new Refused(400, `a device has at most ${maxProperties} properties`);
  return { readings, forgotten, wishes };
}

function readProperty(
  property: string,
  entry: JsonObject,
  { sourceTime }: Request,
  held: Held,
): Reading[] {
  const actual = valueAt(entry, 'actual');
  if (actual === undefined || actual === null) return [];
  const value = readValue(property, 'actual', valueAt(actual, 'value'), held);
  const time = timeAt(actual, 'metadata', 'timestamp') ?? sourceTime;
  return [time === undefined ? { property, value } : { property, value, sourceTime: time }];
}

function readValue(
  property: string,
  side: 'actual' | 'expected',
  json: Json | undefined,
  { ruleOf }: Held,
): string {
  const value = typeof json === 'object' ? undefined : fromJson(json);
  if (value === undefined) throw new Refused(400, `twin.${property}.${side}.value is not a text`);
  const why = misfit(ruleOf(property) ?? { type: 'STRING' }, value);
  if (why) throw new Refused(400, `twin.${property}.${side}.value is ${why}`);
  return value;
}

/** A desired value other than the one that is held, which programs echo. Throws Refused. */
function readWish(property: string, entry: JsonObject, held: Held): Reading[] {
  const json = valueAt(entry, 'expected', 'value');
  const desired = held.twin.properties.get(property)?.desired;
  if (json === undefined || json === null || fromJson(json) === desired?.value) return [];
  refuseUnwritable(property, held.ruleOf(property));
  const value = readValue(property, 'expected', json, held);
  const sourceTime = timeAt(entry, 'expected', 'metadata', 'timestamp');
  if (sourceTime === undefined) return [{ property, value }];
  if (desired && sourceTime < (desired.sourceTime ?? desired.receivedAt))
    throw new Refused(409, `twin.${property}.expected is older than what is desired now`);
  return [{ property, value, sourceTime }];
}

function refuseUnwritable(property: string, rule: PropertyDescription | undefined): void {
  if (!rule) throw new Refused(400, `twin.${property} is no property of the Device`);
  if (!rule.writable) throw new Refused(400, `twin.${property} is read-only`);
}
