import type { Json, JsonObject } from '@skerry/apiserver/json';
import { kubeTime } from '@skerry/shared/clock';
import { conditionOf, type Condition, type Finding } from './condition.ts';
import type { Description } from './description.ts';
import type { DeviceTwin } from './device-twin.ts';
import type { PropertyType } from './property-value.ts';
import { patienceMs } from './silence.ts';
import type { Told } from './telling.ts';
import { openWishes, type PropertyTwin, type Stated } from './twin.ts';

/** What a Device's status is made from. */
export interface Standing {
  readonly twin: DeviceTwin;
  readonly description: Description;
  /** Whether it is served as its spec asks. */
  readonly condition: Condition;
  /** Settings of the protocol that nothing acts on. */
  readonly ignored: readonly string[];
  /** Why desired values are not reached, in words; none while there is hope. */
  readonly unmet: readonly string[];
  /** The reported value of each property that the cloud is shown. */
  readonly shown: ReadonlyMap<string, Told>;
}

/** A report about a device, as docs/PROTOCOL.md has it. */
export interface DeviceReport {
  readonly uid: string;
  readonly status: JsonObject;
  /** Desired values written here that the spec does not have yet. */
  readonly desired?: readonly JsonObject[];
}

/**
 * The Device as the edge knows it: always all of it, so that a newer report can stand for an older one
 * that never arrived.
 */
export function reportOf(standing: Standing, conditions: readonly Condition[]): DeviceReport {
  const { twin, description, condition } = standing;
  const wishes = openWishes(twin.properties);
  return {
    uid: twin.uid,
    status: {
      twins: [...twin.properties].flatMap(([name, property]) =>
        toTwin(name, property, standing.shown.get(name)?.stated),
      ),
      ...(description.stateToCloud && {
        state: stateOf(twin, condition),
        ...(twin.lastOnline !== undefined && { lastOnlineTime: kubeTime(twin.lastOnline) }),
      }),
      conditions: conditions.map((each) => ({ ...each })),
      observedGeneration: description.generation,
    },
    ...(wishes.length > 0 && { desired: wishes.map((each) => ({ ...each })) }),
  };
}

/** Changes exactly when a report has news: not with a reading that repeats a value. */
export function fingerprintOf({ uid, status, desired }: DeviceReport): string {
  const { lastOnlineTime: _time, twins, conditions, ...rest } = status;
  const values = (twins as JsonObject[]).map(({ propertyName, reported, observedDesired }) => [
    propertyName,
    valueOf(reported),
    observedDesired ?? null,
  ]);
  const verdicts = (conditions as JsonObject[]).map(
    ({ lastTransitionTime: _since, ...verdict }) => verdict,
  );
  return JSON.stringify([uid, rest, values, verdicts, desired]);
}

/** What is found of a device, each of which becomes a condition. */
export function conditionsOf(
  standing: Standing,
  earlier: readonly Json[],
  now: number,
): readonly Condition[] {
  const { description, condition } = standing;
  const findings = [
    ...(description.stateToCloud ? [onlineFinding(standing)] : []),
    ...found('DesiredNotReached', 'NotReached', standing.unmet),
    ...found('ReadingsRefused', 'Refused', Object.values(standing.twin.refusals ?? {})),
    ...found('PushMethodUnsupported', 'Unsupported', description.unserved.pushMethods),
    ...found('MethodsUnsupported', 'Unsupported', uncalled(standing)),
    ...found('FieldsUnsupported', 'Unsupported', standing.ignored),
  ];
  const others = findings.map((each) => conditionOf(each, earlier, description.generation, now));
  return [condition, ...others];
}

/** A device that cannot be served as its spec asks is in error, unless programs speak for it. */
export function stateOf({ state }: DeviceTwin, { status, reason }: Condition): string {
  return status === 'True' || reason === 'ProtocolUnsupported' || reason === 'ProtocolMissing'
    ? state
    : 'error';
}

/** Methods that cannot be called, and why. */
function uncalled({ description, condition }: Standing): readonly string[] {
  const { methods, unserved } = description;
  if (methods.length === 0 || condition.status === 'True') return unserved.methods;
  const names = methods.map(({ name }) => name).join(', ');
  return [`nobody here carries out ${names}: ${condition.message}`, ...unserved.methods];
}

function found(
  type: Finding['type'],
  reason: string,
  messages: readonly string[],
): readonly Finding[] {
  return messages.length > 0
    ? [{ type, status: 'True', reason, message: messages.join('; ') }]
    : [];
}

function onlineFinding({ twin, description, condition }: Standing): Finding {
  const state = stateOf(twin, condition);
  const silence = patienceMs(twin, description.cycleMs) / 1_000;
  const words: Readonly<Record<string, Omit<Finding, 'type'>>> = {
    online: { status: 'True', reason: 'Heard', message: 'the device is heard' },
    stale: { status: 'False', reason: 'Silent', message: `nothing heard for over ${silence} s` },
    offline: { status: 'False', reason: 'SaidOffline', message: 'it was said to be offline' },
    unknown: { status: 'Unknown', reason: 'NeverHeard', message: 'nothing was ever heard of it' },
    error: { status: 'Unknown', reason: 'NotServed', message: condition.message },
  };
  const own = {
    status: 'Unknown',
    reason: 'OwnWord',
    message: `it is said to be ${state}`,
  } as const;
  return { type: 'Online', ...(words[state] ?? own) };
}

function toTwin(
  propertyName: string,
  { type, desired }: PropertyTwin,
  reported: Stated | undefined,
): JsonObject[] {
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

function valueOf(stated: Json | undefined): Json {
  return (stated as JsonObject | undefined)?.['value'] ?? null;
}
