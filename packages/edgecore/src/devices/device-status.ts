import type { JsonObject } from '@skerry/apiserver/json';
import { kubeTime } from '@skerry/shared/clock';
import type { Condition } from './condition.ts';
import type { Description } from './description.ts';
import type { DeviceTwin } from './device-twin.ts';
import type { PropertyType } from './property-value.ts';
import type { PropertyTwin, Stated } from './twin.ts';

/** What a Device's status is made from. */
export interface Standing {
  readonly twin: DeviceTwin;
  readonly description: Description;
  readonly condition: Condition;
}

/**
 * The Device's `status` as the edge knows it: always all of it, so that a newer report can stand for an
 * older one that never arrived.
 */
export function statusOf({ twin, description, condition }: Standing): JsonObject {
  const kept = new Set(
    description.properties.filter(({ reportToCloud }) => !reportToCloud).map(({ name }) => name),
  );
  return {
    twins: [...twin.properties].flatMap(([name, property]) =>
      toTwin(name, property, kept.has(name)),
    ),
    state: stateOf(twin, condition),
    ...(twin.lastOnline !== undefined && { lastOnlineTime: kubeTime(twin.lastOnline) }),
    conditions: [{ ...condition }],
    observedGeneration: description.generation,
  };
}

/** Changes exactly when the status has news: not with a reading that repeats a value. */
export function fingerprintOf({ twin, description, condition }: Standing): string {
  const { status, reason, message } = condition;
  return JSON.stringify([twin.uid, twin.revision, description.generation, status, reason, message]);
}

/** A device that cannot be served as its spec asks is in error, unless programs speak for it. */
function stateOf({ state }: DeviceTwin, { status, reason }: Condition): string {
  return status === 'True' || reason === 'ProtocolUnsupported' || reason === 'ProtocolMissing'
    ? state
    : 'error';
}

function toTwin(propertyName: string, property: PropertyTwin, kept: boolean): JsonObject[] {
  const { type, desired } = property;
  const reported = kept ? undefined : property.reported;
  if (!reported && !desired) return [];
  return [
    {
      propertyName,
      ...(reported && { reported: toValue(reported, type) }),
      ...(desired && { observedDesired: toValue(desired, type) }),
    },
  ];
}

function toValue({ value, sourceTime, receivedAt }: Stated, type: PropertyType): JsonObject {
  return {
    value,
    metadata: { timestamp: String(sourceTime ?? receivedAt), type: type.toLowerCase() },
  };
}
