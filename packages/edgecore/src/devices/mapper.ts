import type { JsonObject } from '@skerry/apiserver/json';
import { EdgeError } from '@skerry/shared/errors';
import type { DeviceId } from './device-id.ts';
import type { ValueRule } from './property-value.ts';
import type { Arrival } from './device-twin.ts';

/** The device is described in a way that its protocol cannot serve. The message names every problem. */
export class DeviceMisconfigured extends EdgeError {
  readonly code = 'device.misconfigured';
  readonly disposition = 'reject';
}

/** The device cannot be reached now. */
export class DeviceUnreachable extends EdgeError {
  readonly code = 'device.unreachable';
  readonly disposition = 'retry';
}

/** The device has no such property, or it cannot be written. */
export class NotWritable extends EdgeError {
  readonly code = 'device.not-writable';
  readonly disposition = 'reject';
}

/** What a mapper needs to know of its device. */
export interface MappedDevice {
  readonly id: DeviceId;
  /** `spec.protocol.configData`, the model's with the device's over it. */
  readonly config: JsonObject;
  readonly properties: readonly MappedProperty[];
}

export interface MappedProperty extends ValueRule {
  readonly name: string;
  readonly writable: boolean;
  /** How often it is read, where reading is the mapper's to do; milliseconds. */
  readonly collectCycleMs?: number | undefined;
  /** `visitors.configData`, the model's with the device's over it. */
  readonly visitor: JsonObject;
}

/** Takes what a device said; resolves when it is on disk. */
export type ReadingSink = (arrival: Arrival) => Promise<void>;

/** Speaks one protocol: the way from a Device to its mapper. */
export interface Protocol {
  /** `spec.protocol.protocolName`, compared without regard to case. */
  readonly name: string;
  /** Checks how the device is described; throws DeviceMisconfigured. Reaches nothing yet. */
  mapper(device: MappedDevice): Mapper;
}

/** Stands between one device and its twin. Knows nothing of other devices. */
export interface Mapper {
  /** Settings of the Device that it does not know, in words. */
  readonly ignored?: readonly string[];
  /** Reaches the device; throws DeviceUnreachable. Called again whenever the connection has ended. */
  connect(signal: AbortSignal): Promise<DeviceConnection>;
}

/** The open way to one device. Disposing of it closes it. */
export interface DeviceConnection extends AsyncDisposable {
  /**
   * Hands on every reading in the order in which the device made it, until the signal aborts. Throws
   * DeviceUnreachable when the connection ends. Values that do not fit their property's type are
   * dropped and counted.
   */
  subscribe(sink: ReadingSink, signal: AbortSignal): Promise<void>;
  /**
   * Resolves when the device, or what stands for it, has taken the value; only a reading confirms it.
   * Throws NotWritable, or DeviceUnreachable.
   */
  write(property: string, value: string, signal: AbortSignal): Promise<void>;
}
