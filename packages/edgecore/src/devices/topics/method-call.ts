import { textAt, valueAt, type JsonObject } from '@skerry/apiserver/json';
import type { Clock } from '@skerry/shared/clock';
import { messageOf } from '@skerry/shared/errors';
import { within } from '@skerry/shared/within';
import type { PropertyDescription } from '../description.ts';
import type { DeviceId } from '../device-id.ts';
import type { DeviceMethod } from '../device-object.ts';
import { withProperties } from '../device-twin.ts';
import { NotWritable } from '../mapper.ts';
import { fromJson, misfit } from '../property-value.ts';
import type { Served } from '../roster.ts';
import { wish } from '../twin.ts';
import type { TwinStore } from '../twin-store.ts';
import { Refused, type Request } from './request.ts';

/** A call is answered after so long at the latest, milliseconds. */
export const callTimeoutMs = 5_000;

export interface MethodCalling {
  readonly twins: TwinStore;
  readonly served: (device: DeviceId) => Served | undefined;
  readonly clock: Clock;
}

/** `…/method/get`: what can be called, and with what. */
export function getMethods({ served }: MethodCalling, device: DeviceId): Promise<JsonObject> {
  const { description } = servedOrRefused(served, device);
  const types = new Map(description.properties.map(({ name, type }) => [name, type]));
  const methods = description.methods.map(({ name, description: about, propertyNames }) => ({
    name,
    ...(about !== undefined && { description: about }),
    parameters: propertyNames.map((property) => ({
      property,
      type: (types.get(property) ?? 'STRING').toLowerCase(),
    })),
  }));
  return Promise.resolve({ methods });
}

/**
 * `…/method/call`: writes one property of a method, each time that it is called. Where the property has a
 * desired value, the value called with becomes the desired one, so that the two do not fight.
 */
export async function callMethod(
  parts: MethodCalling,
  device: DeviceId,
  { body }: Request,
  signal: AbortSignal,
): Promise<JsonObject> {
  const { twins, served, clock } = parts;
  const target = servedOrRefused(served, device);
  const call = readCall(body, target);
  const { property, value } = call;
  const desired = twins.get(device)?.properties.get(property)?.desired;
  if (desired && desired.value !== value) {
    await twins.update(
      device,
      (held) =>
        held && withProperties(held, wish(held.properties, property, { value }, clock.now())),
    );
  } else await write(target, call, { clock, signal });
  return { ...call };
}

interface Call {
  readonly method: string;
  readonly property: string;
  readonly value: string;
}

function readCall(body: JsonObject, { description }: Served): Call {
  const name = textAt(body, 'method') ?? '';
  const method = description.methods.find((known) => known.name === name);
  if (!method) {
    const known = description.methods.map((each) => each.name).join(', ');
    throw new Refused(400, `no method ${JSON.stringify(name)}; there is ${known || 'none'}`);
  }
  const property = readParameter(body, method);
  const rule = description.properties.find((known) => known.name === property);
  const json = valueAt(body, 'value');
  const value = typeof json === 'object' ? undefined : fromJson(json);
  if (value === undefined) throw new Refused(400, 'value is not a text');
  refuseMisfit(property, rule, value);
  return { method: name, property, value };
}

/** A method over one property need not be told which. */
function readParameter(body: JsonObject, { name, propertyNames }: DeviceMethod): string {
  const asked =
    textAt(body, 'property') ?? (propertyNames.length === 1 ? propertyNames[0] : undefined);
  if (asked !== undefined && propertyNames.includes(asked)) return asked;
  const known = propertyNames.join(', ') || 'none';
  throw new Refused(400, `property of method ${name} is none of its own: ${known}`);
}

function refuseMisfit(
  property: string,
  rule: PropertyDescription | undefined,
  value: string,
): void {
  if (!rule?.inModel) throw new Refused(400, `${property} is no property of the Device`);
  if (!rule.writable) throw new Refused(400, `${property} is read-only`);
  const why = misfit(rule, value);
  if (why) throw new Refused(400, `value is ${why}`);
}

async function write(
  { mapper, condition }: Served,
  { property, value }: Call,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  if (!mapper) throw new Refused(400, `nobody here writes to the device: ${condition.message}`);
  try {
    const written = mapper.write(property, value, signal).then(() => true);
    if (await within(callTimeoutMs, written, { clock, signal })) return;
  } catch (error) {
    throw new Refused(error instanceof NotWritable ? 400 : 500, messageOf(error));
  }
  throw new Refused(500, `the device did not take it within ${callTimeoutMs / 1_000} s`);
}

function servedOrRefused(served: MethodCalling['served'], device: DeviceId): Served {
  const found = served(device);
  if (!found) throw new Refused(404, `no device ${device} on this node`);
  return found;
}
