import { parseJson } from '@skerry/shared/parse-json';
import type { PropertyTwin } from './twin.ts';
import type { DeviceTwin } from './device-twin.ts';

const textEncoder = new TextEncoder();

/** A twin as it lies on the disk: JSON, its properties as `[name, property]` pairs. */
type Stored = Omit<DeviceTwin, 'properties'> & {
  readonly properties: readonly (readonly [string, PropertyTwin])[];
};

export function encodeTwin(twin: DeviceTwin): Uint8Array {
  const stored: Stored = { ...twin, properties: [...twin.properties] };
  return textEncoder.encode(JSON.stringify(stored));
}

/** Undefined when the entry is not what `encodeTwin` wrote. */
export function decodeTwin(entry: Uint8Array): DeviceTwin | undefined {
  try {
    const stored = parseJson(entry) as Stored;
    return { ...stored, properties: new Map(stored.properties) };
  } catch {
    return undefined;
  }
}
