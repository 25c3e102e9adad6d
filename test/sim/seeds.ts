import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { simulate, type History } from './simulate.ts';

const count = Number(process.env['SKERRY_SEEDS'] ?? 10_000);
const first = Number(process.env['SKERRY_SEED'] ?? 1);
/** Far more than a seed takes, milliseconds. */
const patienceMs = 100;

/** Lives through every `parts`th seed, from the `part`th on. */
export function describeSeeds(part: number, parts: number): void {
  describe(`hubs and edges, seeds ${part + 1} of ${parts}`, () => {
    it(
      'keep every promise, whatever is cut, killed, wiped, filled or restored (G1, G2, G3, G4, G6)',
      { timeout: 60_000 + count * patienceMs },
      async () => {
        for (let seed = first + part; seed < first + count; seed += parts) {
          const history = await lived(seed);
          if (history.failure) expect.fail(await explain(history));
        }
      },
    );
  });
}

/** Errors are part of every day here: they need no stack. */
async function lived(seed: number): Promise<History> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await simulate(seed);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    await new Promise((resolve) => setImmediate(resolve)); // let the test runner speak
  }
}

/** What happened, and how to see it again; everything that happened when one seed was asked for. */
async function explain({ seed, trace }: History): Promise<string> {
  const notes: string[] = [];
  const again = await simulate(seed, { onNote: (note) => notes.push(note) });
  return [
    `seed ${seed}: ${again.failure?.stack ?? 'it held when it was lived again'}`,
    ...(again.trace === trace ? [] : ['it went another way when it was lived again']),
    ...again.steps,
    `Live through it again, with every message and write: SKERRY_SEED=${seed} SKERRY_SEEDS=1 ` +
      'npx vitest run --project sim test/sim/seeds',
    ...(count === 1 ? notes : []),
  ].join('\n');
}
