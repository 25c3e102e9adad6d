import { deviceId, type DeviceId } from '../device-id.ts';
import { describeDevice, described, type Description } from '../description.ts';
import { readDevice, readModel, type DeviceSpec, type ShownStatus } from '../device-object.ts';
import { describe, type DeviceTwin } from '../device-twin.ts';

export const thermo: DeviceId = deviceId('default', 'thermo');

/** The cloud shows nothing yet. */
export const unseen: ShownStatus = { state: undefined, conditions: [] };

export interface Made {
  readonly uid?: string;
  readonly generation?: number;
  readonly protocolName?: string;
  readonly desired?: Readonly<Record<string, string>>;
  /** Over the spec, field by field. */
  readonly spec?: object;
  /** `visitors.configData` of both properties. */
  readonly visitor?: object;
}

/** A DeviceModel: `temperature` (FLOAT, read only) and `setpoint` (FLOAT, up to 40). */
export const modelObject: object = {
  metadata: { name: 'thermometer', namespace: 'default', uid: 'm-1' },
  spec: {
    properties: [
      { name: 'temperature', type: 'FLOAT', accessMode: 'ReadOnly' },
      { name: 'setpoint', type: 'FLOAT', accessMode: 'ReadWrite', maximum: '40' },
    ],
  },
};

/** A Device of that model. */
export function deviceObject(made: Made = {}): object {
  const { protocolName = 'mqtt', desired = {}, visitor = { topic: 'reading' } } = made;
  const property = (name: string): object => ({
    name,
    ...(desired[name] !== undefined && { desired: { value: desired[name] } }),
    visitors: { protocolName, configData: visitor },
  });
  return {
    metadata: {
      name: 'thermo',
      namespace: 'default',
      uid: made.uid ?? 'd-1',
      generation: made.generation ?? 1,
    },
    spec: {
      deviceModelRef: { name: 'thermometer' },
      nodeName: 'edge-1',
      protocol: { protocolName },
      properties: [property('temperature'), property('setpoint')],
      ...made.spec,
    },
  };
}

export function bytes(object: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(object));
}

export function madeDevice(made: Made = {}): DeviceSpec {
  return readDevice(bytes(deviceObject(made)));
}

export function madeDescription(made: Made = {}): Description {
  return describeDevice(thermo, madeDevice(made), readModel(bytes(modelObject)));
}

/** The twin of a device that nobody has heard yet. */
export function madeTwin(made: Made = {}, now = 0): DeviceTwin {
  return describe(undefined, described(madeDescription(made), madeDevice(made)), now);
}
