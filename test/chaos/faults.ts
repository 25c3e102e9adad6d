import type { Random } from '@skerry/shared/clock';
import { between, seededRandom, shuffled } from './seeded-random.ts';

/** What is done to the network between one agent and the hub. */
export type LinkFault =
  | { readonly do: 'cut' }
  | { readonly do: 'refuse' | 'silence'; readonly ms: number }
  | { readonly do: 'delay'; readonly oneWayMs: number; readonly ms: number }
  | { readonly do: 'throttle'; readonly bytesPerSecond: number; readonly ms: number };

/** SIGKILL, and a start after `downMs`; with `againMs`, another SIGKILL so long into that start. */
export interface Kill {
  readonly do: 'kill';
  readonly downMs: number;
  readonly againMs?: number;
}

/** The disk is full for so long. With `thenKillMs`, its agent is killed so long after there is room. */
export interface Fill {
  readonly do: 'fill';
  readonly ms: number;
  readonly thenKillMs?: number;
}

export type Fault = LinkFault | Kill | Fill;

export interface Planned<F extends Fault = Fault> {
  /** Since the beginning; later when the one before takes longer. */
  readonly atMs: number;
  readonly fault: F;
}

/** What happens, by whom it strikes. One that strikes the same comes after the other. */
export interface FaultPlan {
  readonly hub: readonly Planned<Kill>[];
  /** One per node. */
  readonly agents: readonly (readonly Planned<Kill>[])[];
  readonly links: readonly (readonly Planned<LinkFault>[])[];
  /** Of the first node. */
  readonly disk: readonly Planned<Fill>[];
}

const linkFaults: readonly ((random: Random) => LinkFault)[] = [
  () => ({ do: 'cut' }),
  (random) => ({ do: 'refuse', ms: between(random, 500, 4_000) }),
  (random) => ({ do: 'silence', ms: between(random, 500, 9_000) }),
  (random) => ({
    do: 'delay',
    oneWayMs: between(random, 20, 400),
    ms: between(random, 1_000, 6_000),
  }),
  (random) => ({
    do: 'throttle',
    bytesPerSecond: between(random, 2, 60) * 1_024,
    ms: between(random, 2_000, 8_000),
  }),
];

/** Purely from the seed: the same faults at the same times, whatever the machine is like. */
export function planFaults(seed: number, seconds: number, nodes: number): FaultPlan {
  const endMs = seconds * 1_000;
  const each = <F extends Fault>(who: string, plan: Track<F>): Planned<F>[][] =>
    Array.from({ length: nodes }, (_, i) => track(seededRandom(seed, `${who}-${i}`), endMs, plan));
  return {
    hub: track(seededRandom(seed, 'hub'), endMs, { pauseMs: [12_000, 28_000], faults: [kill] }),
    agents: each('agent', { pauseMs: [8_000, 25_000], faults: [kill] }),
    links: each('link', { pauseMs: [500, 5_000], faults: linkFaults }),
    disk: track(seededRandom(seed, 'disk'), endMs, { pauseMs: [12_000, 25_000], faults: [fill] }),
  };
}

interface Track<F extends Fault> {
  readonly pauseMs: readonly [least: number, most: number];
  readonly faults: readonly ((random: Random) => F)[];
}

/** Every kind once, in some order, before any comes again. */
function track<F extends Fault>(random: Random, endMs: number, plan: Track<F>): Planned<F>[] {
  const planned: Planned<F>[] = [];
  let kinds: ((random: Random) => F)[] = [];
  let atMs = 0;
  for (;;) {
    atMs += between(random, ...plan.pauseMs);
    if (atMs >= endMs) return planned;
    if (kinds.length === 0) kinds = shuffled(random, plan.faults);
    const fault = kinds.pop()?.(random);
    if (fault) planned.push({ atMs, fault });
    if (fault && 'ms' in fault) atMs += fault.ms;
  }
}

function kill(random: Random): Kill {
  const downMs = random() < 0.5 ? 0 : between(random, 100, 4_000);
  return random() < 0.3
    ? { do: 'kill', downMs, againMs: between(random, 50, 1_500) }
    : { do: 'kill', downMs };
}

function fill(random: Random): Fill {
  const ms = between(random, 3_000, 8_000);
  return random() < 0.6
    ? { do: 'fill', ms, thenKillMs: between(random, 200, 3_000) }
    : { do: 'fill', ms };
}
