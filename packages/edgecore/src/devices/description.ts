import type { Json, JsonObject } from '@skerry/apiserver/json';
import type { Uid } from '@skerry/shared/names';
import type { DeviceId } from './device-id.ts';
import type {
  DeviceMethod,
  DeviceProperty,
  DeviceSpec,
  Labels,
  ModelProperty,
  ModelSpec,
  Visitor,
} from './device-object.ts';
import type { Described } from './device-twin.ts';
import type { PropertyType } from './property-value.ts';
import type { PushTarget } from '../push/push-target.ts';
import { readPushMethod } from './push/push-target.ts';
import type { TellingRule } from './telling.ts';

/** A Device with what its model adds: all that mapper, twin and report need to know. */
export interface Description {
  readonly id: DeviceId;
  readonly uid: Uid;
  readonly generation: number;
  readonly modelName: string | undefined;
  readonly protocol: { readonly name: string | undefined; readonly config: JsonObject };
  readonly properties: readonly PropertyDescription[];
  readonly methods: readonly DeviceMethod[];
  readonly labels: Labels;
  /** How often something is heard of the device when all is well, milliseconds. */
  readonly cycleMs: number;
  /** Whether its state goes up. */
  readonly stateToCloud: boolean;
  /** Why it cannot be served as it is; empty when it can. */
  readonly problems: readonly Problem[];
  /** What the spec asks for and nothing here does, in words. */
  readonly unserved: Unserved;
}

export interface Unserved {
  readonly pushMethods: readonly string[];
  readonly methods: readonly string[];
}

export interface PropertyDescription {
  readonly name: string;
  /** Whether the model has it. */
  readonly inModel: boolean;
  readonly type: PropertyType;
  readonly writable: boolean;
  /** Bounds of its values as text. */
  readonly minimum?: string | undefined;
  readonly maximum?: string | undefined;
  /** `visitors.configData`, the model's with the device's over it, without what is not the protocol's. */
  readonly visitor: JsonObject;
  /** How often it is read where reading is ours to do, milliseconds. */
  readonly collectCycleMs: number | undefined;
  readonly telling: TellingRule;
  /** Where its readings are also brought. */
  readonly targets: readonly PushTarget[];
}

/** `reason` is CamelCase, for a condition. */
export interface Problem {
  readonly reason: 'ModelMissing' | 'Misconfigured';
  readonly message: string;
}

/** The expected cycle of a device that declares none, milliseconds. */
export const defaultCycleMs: number = 5 * 60_000;

/** Puts a Device and its model together. Pure; what does not fit is told in `problems`. */
export function describeDevice(
  id: DeviceId,
  device: DeviceSpec,
  model: ModelSpec | undefined,
): Description {
  const protocol = device.protocolName ?? model?.protocolName;
  const problems = model ? problemsOf(device, model, protocol) : [missing(device)];
  const properties = unique(device.properties).map((property) =>
    describeProperty(property, model?.properties.get(property.name), problems),
  );
  return {
    id,
    uid: device.uid,
    generation: device.generation,
    modelName: device.modelName,
    protocol: {
      name: protocol,
      config: { ...model?.protocolConfig, ...device.protocolConfig },
    },
    properties,
    methods: device.methods,
    labels: device.labels,
    cycleMs: cycleOf(device),
    stateToCloud: device.stateToCloud,
    problems,
    unserved: unservedOf(device, properties),
  };
}

/** What the twin of a described device must agree with. */
export function described(description: Description, device: DeviceSpec): Described {
  const wishes = unique(device.properties).flatMap(({ name, desired }) =>
    desired ? [[name, desired] as const] : [],
  );
  const isModelMissing = description.problems.some(({ reason }) => reason === 'ModelMissing');
  const known = description.properties.filter(({ inModel }) => inModel);
  return {
    uid: description.uid,
    types: isModelMissing ? undefined : new Map(known.map(({ name, type }) => [name, type])),
    wishes: {
      generation: description.generation,
      values: new Map(wishes),
      settled: device.settled,
    },
  };
}

function describeProperty(
  property: DeviceProperty,
  model: ModelProperty | undefined,
  problems: Problem[],
): PropertyDescription {
  const type = model?.type ?? 'STRING';
  const config = { ...model?.visitor.config, ...property.visitor.config };
  const { deadband, heartbeat, ...visitor } = config;
  const span = (name: string, value: Json | undefined): number | undefined => {
    const count = value === undefined ? undefined : Number(value);
    if (count === undefined || (count >= 0 && value !== '')) return count;
    problems.push(
      misconfigured(`property ${property.name}: ${name} is not a number of at least 0`),
    );
    return undefined;
  };
  return {
    name: property.name,
    inModel: model !== undefined,
    type,
    writable: model?.writable ?? false,
    minimum: model?.minimum,
    maximum: model?.maximum,
    visitor,
    collectCycleMs: property.collectCycleMs,
    telling: {
      type,
      reportToCloud: property.reportToCloud,
      reportCycleMs: property.reportCycleMs ?? 0,
      deadband: span('deadband', deadband) ?? 0,
      heartbeatMs: span('heartbeat', heartbeat),
    },
    targets: readPushMethod(property.pushMethod).targets,
  };
}

/** What the field tables have and nothing here acts on. */
function unservedOf(
  { methods, properties }: DeviceSpec,
  described: readonly PropertyDescription[],
): Unserved {
  const pushMethods = properties.flatMap(({ name, pushMethod }) =>
    readPushMethod(pushMethod).unserved.map((what) => `property ${name}: ${what}`),
  );
  return { pushMethods, methods: methods.flatMap((method) => uncallable(method, described)) };
}

function uncallable(
  { name, propertyNames }: DeviceMethod,
  properties: readonly PropertyDescription[],
): string[] {
  if (propertyNames.length === 0) return [`method ${name} names no property`];
  return propertyNames.flatMap((wanted) => {
    const known = properties.find((property) => property.name === wanted);
    if (!known) return [`method ${name}: the Device has no property ${wanted}`];
    return known.writable ? [] : [`method ${name}: property ${wanted} is read-only`];
  });
}

function unique(properties: readonly DeviceProperty[]): DeviceProperty[] {
  return properties.filter(
    ({ name }, at) => properties.findIndex((other) => other.name === name) === at,
  );
}

/** The device speaks at least as often as its most frequent property. */
function cycleOf({ stateCycleMs, properties }: DeviceSpec): number {
  const declared = [
    stateCycleMs,
    ...properties.flatMap(({ collectCycleMs, reportCycleMs }) => [collectCycleMs, reportCycleMs]),
  ].flatMap((cycle) => (cycle !== undefined && cycle > 0 ? [cycle] : []));
  return declared.length > 0 ? Math.min(...declared) : defaultCycleMs;
}

function missing({ modelName }: DeviceSpec): Problem {
  const message = modelName
    ? `DeviceModel ${modelName} does not exist in the namespace of the Device`
    : 'spec.deviceModelRef.name is empty';
  return { reason: 'ModelMissing', message };
}

function problemsOf(
  { properties }: DeviceSpec,
  model: ModelSpec,
  protocol: string | undefined,
): Problem[] {
  const problems = properties.flatMap((property, at) => {
    const { name, visitor } = property;
    if (properties.findIndex((other) => other.name === name) !== at)
      return [`property ${name} is there twice`];
    const known = model.properties.get(name);
    if (!known) return [`property ${name} is not in the model`];
    return strangers(name, [visitor, known.visitor], protocol);
  });
  return problems.map(misconfigured);
}

function misconfigured(message: string): Problem {
  return { reason: 'Misconfigured', message };
}

function strangers(
  property: string,
  visitors: readonly Visitor[],
  protocol: string | undefined,
): string[] {
  const name = visitors.map((visitor) => visitor.protocolName).find(Boolean);
  if (!name || !protocol || name.toLowerCase() === protocol.toLowerCase()) return [];
  return [`property ${property} is visited by ${name}, but the Device speaks ${protocol}`];
}
