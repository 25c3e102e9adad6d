import {
  isObject,
  listAt,
  objectAt,
  textAt,
  valueAt,
  type Json,
  type JsonObject,
} from '@skerry/apiserver/json';
import {
  readSettled,
  settledWishesAnnotation,
  type SettledWishes,
} from '@skerry/shared/devices/wish';
import { EdgeError, messageOf } from '@skerry/shared/errors';
import { uid as asUid, type Uid } from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import { propertyType, type PropertyType } from './property-value.ts';
import type { Wish } from './twin.ts';

/** A held object that is not JSON, or lacks what every Kubernetes object has. */
export class MalformedDevice extends EdgeError {
  readonly code = 'device.malformed';
  readonly disposition = 'reject';
}

/** The fields of a `devices.kubeedge.io/v1beta1` Device that are served; the others stay where they are. */
export interface DeviceSpec {
  readonly uid: Uid;
  /** `metadata.generation`, 0 when the API server keeps none. */
  readonly generation: number;
  readonly modelName: string | undefined;
  readonly protocolName: string | undefined;
  readonly protocolConfig: JsonObject;
  readonly properties: readonly DeviceProperty[];
  /** `spec.stateReport.reportCycle`, milliseconds. */
  readonly stateCycleMs: number | undefined;
  /** `spec.stateReport.reportToCloud`: false only when the Device says so. */
  readonly stateToCloud: boolean;
  readonly methods: readonly DeviceMethod[];
  /** `metadata.labels`: what device programs know as its attributes. */
  readonly labels: Labels;
  readonly shown: ShownStatus;
  /** What the hub has decided about desired values written at the edge, by property. */
  readonly settled: SettledWishes;
}

export type Labels = Readonly<Record<string, string>>;

/** A named command over properties. */
export interface DeviceMethod {
  readonly name: string;
  readonly description: string | undefined;
  readonly propertyNames: readonly string[];
}

/** The Device's status as last written by whomever. */
export interface ShownStatus {
  readonly state: string | undefined;
  readonly conditions: readonly Json[];
}

export interface DeviceProperty {
  readonly name: string;
  readonly desired: Wish | undefined;
  readonly visitor: Visitor;
  /** Milliseconds. */
  readonly collectCycleMs: number | undefined;
  readonly reportCycleMs: number | undefined;
  /** False only when the Device says so. */
  readonly reportToCloud: boolean;
  readonly pushMethod: JsonObject;
}

/** How a property is reached. */
export interface Visitor {
  readonly protocolName: string | undefined;
  readonly config: JsonObject;
}

/** One property of a DeviceModel. */
export interface ModelProperty {
  readonly type: PropertyType;
  /** Unless `accessMode` is `ReadOnly`. */
  readonly writable: boolean;
  /** As text. */
  readonly minimum: string | undefined;
  readonly maximum: string | undefined;
  readonly unit: string | undefined;
  readonly visitor: Visitor;
}

/** What a DeviceModel says of its properties, by name. */
export interface ModelSpec {
  readonly protocolName: string | undefined;
  readonly protocolConfig: JsonObject;
  readonly properties: ReadonlyMap<string, ModelProperty>;
}

/** Throws MalformedDevice. */
export function readDevice(object: Uint8Array): DeviceSpec {
  const device = parse(object);
  const uid = textAt(device, 'metadata', 'uid');
  if (!uid) throw new MalformedDevice('a Device has no metadata.uid');
  return {
    uid: asUid(uid),
    generation: numberAt(device, 'metadata', 'generation') ?? 0,
    modelName: textAt(device, 'spec', 'deviceModelRef', 'name'),
    protocolName: textAt(device, 'spec', 'protocol', 'protocolName'),
    protocolConfig: objectAt(device, 'spec', 'protocol', 'configData') ?? {},
    properties: listAt(device, 'spec', 'properties').flatMap(toProperty),
    stateCycleMs: numberAt(device, 'spec', 'stateReport', 'reportCycle'),
    stateToCloud: valueAt(device, 'spec', 'stateReport', 'reportToCloud') !== false,
    methods: listAt(device, 'spec', 'methods').flatMap(toMethod),
    labels: texts(objectAt(device, 'metadata', 'labels') ?? {}),
    shown: {
      state: textAt(device, 'status', 'state'),
      conditions: listAt(device, 'status', 'conditions'),
    },
    settled: readSettled(textAt(device, 'metadata', 'annotations', settledWishesAnnotation)),
  };
}

/** Throws MalformedDevice. */
export function readModel(object: Uint8Array): ModelSpec {
  const model = parse(object);
  return {
    protocolName: textAt(model, 'spec', 'protocol'),
    protocolConfig: objectAt(model, 'spec', 'protocolConfigData') ?? {},
    properties: new Map(listAt(model, 'spec', 'properties').flatMap(toModelProperty)),
  };
}

function parse(object: Uint8Array): JsonObject {
  try {
    const parsed = parseJson(object) as Json;
    if (isObject(parsed)) return parsed;
  } catch (error) {
    throw new MalformedDevice(`a held object is not JSON: ${messageOf(error)}`, { cause: error });
  }
  throw new MalformedDevice('a held object is not a JSON object');
}

function toProperty(property: Json): DeviceProperty[] {
  const name = textAt(property, 'name');
  if (!name) return [];
  return [
    {
      name,
      desired: toWish(property),
      visitor: toVisitor(property),
      collectCycleMs: numberAt(property, 'collectCycle'),
      reportCycleMs: numberAt(property, 'reportCycle'),
      reportToCloud: valueAt(property, 'reportToCloud') !== false,
      pushMethod: objectAt(property, 'pushMethod') ?? {},
    },
  ];
}

function toMethod(method: Json): DeviceMethod[] {
  const name = textAt(method, 'name');
  if (!name) return [];
  const propertyNames = listAt(method, 'propertyNames').filter((each) => typeof each === 'string');
  return [{ name, description: textAt(method, 'description'), propertyNames }];
}

function texts(object: JsonObject): Labels {
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value] as const] : [],
    ),
  );
}

/** An empty desired value is none: that is how manifests leave a property alone. */
function toWish(property: Json): Wish | undefined {
  const value = textAt(property, 'desired', 'value');
  if (!value) return undefined;
  const sourceTime = Number(textAt(property, 'desired', 'metadata', 'timestamp') ?? NaN);
  return Number.isSafeInteger(sourceTime) ? { value, sourceTime } : { value };
}

function toModelProperty(property: Json): [string, ModelProperty][] {
  const name = textAt(property, 'name');
  if (!name) return [];
  const type = propertyType(textAt(property, 'type'));
  const rule = {
    type,
    writable: textAt(property, 'accessMode') !== 'ReadOnly',
    minimum: textAt(property, 'minimum'),
    maximum: textAt(property, 'maximum'),
    unit: textAt(property, 'unit'),
  };
  return [[name, { ...rule, visitor: toVisitor(property) }]];
}

function toVisitor(property: Json): Visitor {
  return {
    protocolName: textAt(property, 'visitors', 'protocolName'),
    config: objectAt(property, 'visitors', 'configData') ?? {},
  };
}

function numberAt(parent: Json, ...path: string[]): number | undefined {
  const value = valueAt(parent, ...path);
  return typeof value === 'number' ? value : undefined;
}
