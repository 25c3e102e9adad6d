import { drawStep } from './parts/steps.ts';
import { Timeline } from './parts/timeline.ts';
import { World } from './parts/world.ts';

/** What became of one seed. */
export interface History {
  readonly seed: number;
  /** Fingerprint of everything that happened. */
  readonly trace: string;
  readonly steps: readonly string[];
  /** The promise that was broken, if one was. */
  readonly failure?: Error;
}

export interface Simulating {
  /** Told of everything that happens, in words. */
  readonly onNote?: (note: string) => void;
}

/** Lives through what one seed has in store: faults among changes and reports, then peace. */
export async function simulate(seed: number, { onNote }: Simulating = {}): Promise<History> {
  const timeline = new Timeline(seed);
  timeline.onNote = onNote;
  const { random } = timeline;
  const world = new World(timeline, {
    hubs: random.chance(0.4) ? 2 : 1,
    edges: random.pick([1, 1, 1, 2, 2, 3]),
  });
  const steps: string[] = [];
  const say = (what: string): void => {
    steps.push(`${(timeline.now / 1_000).toFixed(3).padStart(9)} s  ${what}`);
    timeline.note(what);
  };
  try {
    for (const site of world.sites) site.start();
    for (let left = random.between(8, 28); left > 0; left--) {
      say(drawStep(random)(world, random));
      await timeline.advance(random.delay(60, 8_000));
      world.checkBounds();
    }
    say('every fault ends');
    world.healAll();
    await world.settle();
    say('all is equal');
    return { seed, trace: timeline.trace, steps };
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    return { seed, trace: timeline.trace, steps, failure };
  }
}
