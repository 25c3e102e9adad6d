import type { Clock, Random } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { Counter } from '@skerry/shared/metrics';
import type { Requeue } from '@skerry/shared/workqueue';
import type { DeviceId } from './device-id.ts';
import { NotWritable } from './mapper.ts';
import { misfit } from './property-value.ts';
import type { Roster, Served } from './roster.ts';
import { delta } from './twin.ts';
import type { TwinStore } from './twin-store.ts';
import {
  attempted,
  dueAt,
  goalOf,
  maxWriteAttempts,
  type Attempt,
  type Goal,
} from './write-plan.ts';

export interface DesiredWriterParts {
  readonly twins: TwinStore;
  readonly roster: Roster;
  /** Tells programs that speak for the device of the goals now due. */
  readonly announce: (device: DeviceId, goals: readonly Goal[]) => void;
  /** Has a device's status looked at: why a desired value is not reached has changed. */
  readonly changed: (device: DeviceId) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly writes: Counter<'outcome'>;
}

/**
 * Carries desired values to their devices, until a reading confirms each: through the mapper, and as a
 * delta on the device's topic for programs that speak for it. Tries anew, with back-off and a limit,
 * and begins again when the wish or the device's circumstances change.
 */
export class DesiredWriter {
  readonly #parts: DesiredWriterParts;
  readonly #attempts = new Map<DeviceId, Map<string, Attempt>>();
  readonly #unmet = new Map<DeviceId, readonly string[]>();

  constructor(parts: DesiredWriterParts) {
    this.#parts = parts;
  }

  /** Why desired values of a device are not reached, and will not be before something changes. */
  unmet(device: DeviceId): readonly string[] {
    return this.#unmet.get(device) ?? [];
  }

  /** One turn for one device; answers when it wants to be asked again. */
  async reconcile(device: DeviceId, signal: AbortSignal): Promise<Requeue> {
    const served = this.#parts.roster.get(device);
    const { goals, hopeless } = served ? this.#goals(device, served) : nothing;
    if (!served || goals.length === 0) {
      this.#attempts.delete(device);
      this.#say(device, hopeless);
      return undefined;
    }
    const earlier = this.#attempts.get(device);
    const now = this.#parts.clock.monotonic();
    const due = goals.filter((goal) => dueAt(goal, earlier?.get(goal.property), now) <= now);
    if (due.length > 0) this.#parts.announce(device, due);
    const made = await Promise.all(
      due.map((goal) => this.#write(device, served, goal, earlier?.get(goal.property), signal)),
    );
    const attempts = new Map(goals.flatMap(({ property }) => kept(property, earlier)));
    for (const [at, attempt] of made.entries()) attempts.set(due[at]?.property ?? '', attempt);
    this.#attempts.set(device, attempts);
    this.#say(device, [...hopeless, ...goals.flatMap((goal) => givenUp(goal, attempts))]);
    const soonest = Math.min(...goals.map((goal) => dueAt(goal, attempts.get(goal.property), now)));
    return Number.isFinite(soonest) ? { afterMs: Math.max(0, soonest - now) } : undefined;
  }

  #goals(device: DeviceId, { description }: Served): Goals {
    const twin = this.#parts.twins.get(device);
    const goals: Goal[] = [];
    const hopeless: string[] = [];
    const rules = new Map(description.properties.map((property) => [property.name, property]));
    for (const [property, value] of twin ? delta(twin.properties) : []) {
      const held = twin?.properties.get(property);
      const rule = rules.get(property);
      if (!twin || !held || !rule) continue;
      const why = rule.writable ? misfit(rule, value) : 'desired, and the model calls it read-only';
      if (why) hopeless.push(`property ${property}: ${rule.writable ? `${value} is ${why}` : why}`);
      else goals.push(goalOf(property, value, held, twin));
    }
    return { goals, hopeless };
  }

  #say(device: DeviceId, unmet: readonly string[]): void {
    if (unmet.join() === this.unmet(device).join()) return;
    if (unmet.length > 0) this.#unmet.set(device, unmet);
    else this.#unmet.delete(device);
    this.#parts.changed(device);
  }

  /** Never rejects: a device that cannot be reached is asked again later. */
  async #write(
    device: DeviceId,
    { mapper }: Served,
    goal: Goal,
    earlier: Attempt | undefined,
    signal: AbortSignal,
  ): Promise<Attempt> {
    const { clock, random, log, writes } = this.#parts;
    let left = true;
    try {
      await mapper?.write(goal.property, goal.value, signal);
      writes.inc({ outcome: mapper ? 'written' : 'announced' });
    } catch (error) {
      left = error instanceof NotWritable; // then programs are asked, by the delta
      writes.inc({ outcome: left ? 'announced' : 'failed' });
      const fields = {
        device,
        property: goal.property,
        code: codeOf(error),
        why: messageOf(error),
      };
      if (!left) log.warn(fields, 'desired value not written');
    }
    const attempt = attempted(goal, earlier, { left, now: clock.monotonic(), spread: random() });
    if (attempt.count === maxWriteAttempts)
      log.warn({ device, property: goal.property }, 'desired value never confirmed');
    return attempt;
  }
}

/** What is to be written, and what never can be. */
interface Goals {
  readonly goals: readonly Goal[];
  readonly hopeless: readonly string[];
}

const nothing: Goals = { goals: [], hopeless: [] };

function givenUp(goal: Goal, attempts: ReadonlyMap<string, Attempt>): string[] {
  const attempt = attempts.get(goal.property);
  if (attempt?.wish !== goal.wish || attempt.count < maxWriteAttempts) return [];
  return [
    `property ${goal.property}: ${goal.value} was not confirmed after ${attempt.count} writes`,
  ];
}

function kept(
  property: string,
  earlier: ReadonlyMap<string, Attempt> | undefined,
): [string, Attempt][] {
  const attempt = earlier?.get(property);
  return attempt ? [[property, attempt]] : [];
}
