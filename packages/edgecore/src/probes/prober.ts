import type { Clock, Random } from '@skerry/shared/clock';
import { codeOf, isAbort, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import type { ContainerId } from '../runtime/observed.ts';
import type { Ask } from './ask.ts';
import type { Answer, Check } from './check.ts';
import {
  begun,
  isSettled,
  weigh,
  type ProbeKind,
  type Tally,
  type Thresholds,
  type Verdict,
} from './weigh.ts';

/** One probe of one container's run. Times in milliseconds. */
export interface ProbeTarget {
  readonly id: ContainerId;
  /** Name of the container. */
  readonly container: string;
  readonly kind: ProbeKind;
  readonly check: Check;
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly thresholds: Thresholds;
  /** When the container's process began, by the wall clock. */
  readonly startedAt: number;
  /** What is known of it already. */
  readonly held?: Verdict | undefined;
}

/** Who is asked, and who hears what was found out. */
export interface ProbeSubject {
  readonly runtime: Pick<ContainerRuntime, 'execSync'>;
  /** A verdict has turned, or was reached for the first time. */
  readonly turned: (target: ProbeTarget, verdict: Verdict) => void;
  /** Anything but a success. */
  readonly heard: (target: ProbeTarget, answer: Answer) => void;
}

export interface ProberParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly ask: Ask;
  /** Told of every answer; for counting. */
  readonly answered?: (kind: ProbeKind, answer: Answer) => void;
  readonly log: Log;
}

interface Attended {
  target: ProbeTarget;
  subject: ProbeSubject;
  readonly stop: AbortController;
}

/** The first look at a container that has just begun is spread over so long at most. */
const EAGER_MS = 1000;

/**
 * Asks containers how they are, each probe in a loop of its own, so that none waits for another. What
 * the answers mean is decided in `weigh`; what follows from a verdict, by whoever hears of it.
 */
export class Prober {
  readonly #parts: ProberParts;
  /** By owner, then by container and kind. */
  readonly #attended = new Map<string, Map<string, Attended>>();
  readonly #running = new Set<Promise<void>>();

  constructor(parts: ProberParts) {
    this.#parts = parts;
  }

  /** From now on exactly `targets` are asked of this owner; what is asked already goes on as it was. */
  follow(
    owner: string,
    targets: readonly ProbeTarget[],
    subject: ProbeSubject,
    signal: AbortSignal,
  ): void {
    const before = this.#attended.get(owner);
    const now = new Map<string, Attended>();
    for (const target of targets) {
      const key = `${target.id} ${target.kind}`;
      const held = before?.get(key);
      before?.delete(key);
      now.set(
        key,
        held ? Object.assign(held, { target, subject }) : this.#begin(target, subject, signal),
      );
    }
    for (const { stop } of before?.values() ?? []) stop.abort();
    if (now.size > 0) this.#attended.set(owner, now);
    else this.#attended.delete(owner);
  }

  /** Nothing of this owner is asked any more. */
  forget(owner: string): void {
    for (const { stop } of this.#attended.get(owner)?.values() ?? []) stop.abort();
    this.#attended.delete(owner);
  }

  /** Resolves when nothing is asked any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #begin(target: ProbeTarget, subject: ProbeSubject, signal: AbortSignal): Attended {
    const attended: Attended = { target, subject, stop: new AbortController() };
    const either = AbortSignal.any([signal, attended.stop.signal]);
    const running = this.#attend(attended, either)
      .catch((error: unknown) => {
        if (isAbort(error, either)) return;
        const facts = { container: target.container, probe: target.kind };
        this.#parts.log.error({ ...facts, code: codeOf(error), error: messageOf(error) }, 'probe');
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
    return attended;
  }

  /** The ticks do not shift when an answer takes long; of those that were missed, one is made up for. */
  async #attend(attended: Attended, signal: AbortSignal): Promise<void> {
    const { clock, random, ask } = this.#parts;
    const { kind, held } = attended.target;
    let tally = begun(kind, held);
    let next = clock.monotonic() + firstDelay(attended.target, clock.now(), random());
    while (!isSettled(kind, tally)) {
      await clock.sleep(Math.max(0, next - clock.monotonic()), signal);
      const { target, subject } = attended;
      const asked = { runtime: subject.runtime, id: target.id, timeoutMs: target.timeoutMs };
      const answer = await ask(target.check, asked, signal);
      signal.throwIfAborted();
      this.#parts.answered?.(kind, answer);
      if (answer.result !== 'success') attended.subject.heard(target, answer);
      tally = this.#count(attended, tally, answer);
      next = Math.max(next + target.periodMs, clock.monotonic());
    }
  }

  #count({ target, subject }: Attended, before: Tally, { result }: Answer): Tally {
    if (result === 'unknown') return before;
    const seen = result === 'failure' ? 'failure' : 'success';
    const tally = weigh(before, seen, target.thresholds);
    const isFirst = before.seen === undefined && tally.verdict === seen;
    if (tally.verdict !== before.verdict || isFirst) subject.turned(target, tally.verdict);
    return tally;
  }
}

/**
 * When a container is asked first, milliseconds from now. Probes of one node are spread over their
 * periods, so that an agent that starts among many containers does not ask all of them at once. One
 * that has just begun is asked soon whether it is up, and within a period whether it is still alive.
 */
export function firstDelay(
  { kind, initialDelayMs, periodMs, startedAt }: ProbeTarget,
  now: number,
  random: number,
): number {
  const age = Math.max(0, now - startedAt); // a clock that was set back must not delay for long
  const isNew = age < initialDelayMs + periodMs;
  const spread = isNew && kind !== 'liveness' ? Math.min(periodMs, EAGER_MS) : periodMs;
  return Math.max(0, initialDelayMs - age) + random * spread;
}
