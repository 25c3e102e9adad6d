import type { JsonObject } from '@skerry/apiserver/json';
import type { Uid } from '@skerry/shared/names';
import type { DeviceId } from './device-id.ts';
import type {
  DeviceProperty,
  DeviceSpec,
  ModelProperty,
  ModelSpec,
  Visitor,
} from './device-object.ts';
import type { Described } from './device-twin.ts';
import type { PropertyType } from './property-value.ts';

/** A Device with what its model adds: all that mapper, twin and report need to know. */
export interface Description {
  readonly id: DeviceId;
  readonly uid: Uid;
  readonly generation: number;
  readonly modelName: string | undefined;
  readonly protocol: { readonly name: string | undefined; readonly config: JsonObject };
  readonly properties: readonly PropertyDescription[];
  /** How often something is heard of the device when all is well, milliseconds. */
  readonly cycleMs: number;
  /** Why it cannot be served as it is; empty when it can. */
  readonly problems: readonly Problem[];
}

export interface PropertyDescription {
  readonly name: string;
  readonly type: PropertyType;
  readonly writable: boolean;
  /** `visitors.configData`, the model's with the device's over it. */
  readonly visitor: JsonObject;
  readonly reportToCloud: boolean;
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
  return {
    id,
    uid: device.uid,
    generation: device.generation,
    modelName: device.modelName,
    protocol: {
      name: protocol,
      config: { ...model?.protocolConfig, ...device.protocolConfig },
    },
    properties: unique(device.properties).map((property) =>
      describeProperty(property, model?.properties.get(property.name)),
    ),
    cycleMs: cycleOf(device),
    problems: model ? problemsOf(device, model, protocol) : [missing(device)],
  };
}

/** What the twin of a described device must agree with. */
export function described(description: Description, device: DeviceSpec): Described {
  const wishes = unique(device.properties).flatMap(({ name, desired }) =>
    desired ? [[name, desired] as const] : [],
  );
  return {
    uid: description.uid,
    types: new Map(description.properties.map(({ name, type }) => [name, type])),
    wishes: { generation: description.generation, values: new Map(wishes) },
  };
}

function describeProperty(
  property: DeviceProperty,
  model: ModelProperty | undefined,
): PropertyDescription {
  return {
    name: property.name,
    type: model?.type ?? 'STRING',
    writable: model?.writable ?? false,
    visitor: { ...model?.visitor.config, ...property.visitor.config },
    reportToCloud: property.reportToCloud,
  };
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
  return problems.map((message) => ({ reason: 'Misconfigured', message }));
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
