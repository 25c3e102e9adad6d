import { kubeTime } from '@skerry/shared/clock';
import type { RuntimeHealth } from '../runtime/runtimes.ts';
import { signals, type Shortage } from './eviction.ts';

/** A condition of a Node, as in the API. */
export interface NodeCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly lastHeartbeatTime: string;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

export interface Verdict {
  readonly type: string;
  /** Undefined: not known. */
  readonly isTrue: boolean | undefined;
  readonly reason: string;
  readonly message: string;
}

/** When each pressure was last seen, by condition type. */
export type PressureSightings = ReadonlyMap<string, number>;

const pressures = {
  MemoryPressure: ['Memory', 'memory available'],
  DiskPressure: ['Disk', 'disk pressure'],
  PIDPressure: ['PID', 'PID available'],
} as const;

/** The sightings after one more look. */
export function seePressures(
  before: PressureSightings,
  seen: readonly Shortage[],
  now: number,
): PressureSightings {
  const types = seen.map(({ signal }) => signals[signal].condition);
  return new Map([...before, ...types.map((type) => [type, now] as const)]);
}

/**
 * What a node says of its pressures. One that was seen is reported for `keptMs` after it was last seen, so
 * that it cannot flap.
 */
export function pressureVerdicts(
  sightings: PressureSightings,
  keptMs: number,
  now: number,
): Verdict[] {
  return Object.entries(pressures).map(([type, [name, what]]) => {
    const seenAt = sightings.get(type);
    const isTrue = seenAt !== undefined && now - seenAt <= keptMs;
    const has = isTrue ? 'HasInsufficient' : 'HasSufficient';
    const reason = type === 'DiskPressure' ? diskReason(isTrue) : `Kubelet${has}${name}`;
    const sufficient = isTrue ? 'insufficient' : 'sufficient';
    const message =
      type === 'DiskPressure'
        ? `kubelet has ${isTrue ? '' : 'no '}${what}`
        : `kubelet has ${sufficient} ${what}`;
    return { type, isTrue, reason, message };
  });
}

function diskReason(isTrue: boolean): string {
  return isTrue ? 'KubeletHasDiskPressure' : 'KubeletHasNoDiskPressure';
}

/**
 * Whether the node can run pods. A machine without an engine is ready for the pods it can run; one
 * whose engine is there and does not answer is not.
 */
export function readiness(health: ReadonlyMap<string, RuntimeHealth>): Verdict {
  const ill = [...health.values()].find(({ phase }) => phase === 'ill');
  if (ill?.phase === 'ill') {
    const message = `container runtime is down: ${ill.message}`;
    return { type: 'Ready', isTrue: false, reason: 'KubeletNotReady', message };
  }
  const absent = [...health.values()].find(({ phase }) => phase === 'absent');
  const ready = 'edgecore is posting ready status';
  const message =
    absent?.phase === 'absent'
      ? `${ready}; only pods of runtimeClassName process can run: ${absent.message}`
      : ready;
  return { type: 'Ready', isTrue: true, reason: 'KubeletReady', message };
}

/** Dresses verdicts as conditions; one that says the same as before keeps its time of change. */
export function toConditions(
  verdicts: readonly Verdict[],
  previous: readonly NodeCondition[],
  now: number,
): NodeCondition[] {
  return verdicts.map(({ type, isTrue, reason, message }) => {
    const status = isTrue === undefined ? 'Unknown' : isTrue ? 'True' : 'False';
    const before = previous.find((held) => held.type === type && held.status === status);
    return {
      type,
      status,
      lastHeartbeatTime: kubeTime(now),
      lastTransitionTime: before?.lastTransitionTime ?? kubeTime(now),
      reason,
      message,
    };
  });
}
