import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { planFaults } from './faults.ts';
import { Journal } from './journal.ts';
import { aftermathSeconds, runChaos, type Outcome } from './run-chaos.ts';

/** Writes and readings of a run of the usual length; a longer one has more. */
const usual = { seconds: 150, writes: 10_000, readings: 10_000 };

const seconds = Number(process.env['SKERRY_CHAOS_SECONDS'] ?? usual.seconds);
const seed = Number(process.env['SKERRY_CHAOS_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const amount = seconds / usual.seconds;
const logsDirectory = join(import.meta.dirname, '..', '..', '.cache', 'chaos', String(seed));
const journal = new Journal(join(logsDirectory, 'journal.log'));
const replay = `SKERRY_CHAOS_SEED=${seed} SKERRY_CHAOS_SECONDS=${seconds}`;

let outcome: Outcome;
let held: Outcome['held'] | undefined;

describe(`three agents and a hub in chaos (${replay})`, () => {
  beforeAll(
    async () => {
      const writes = Math.round(usual.writes * amount);
      const readings = Math.round(usual.readings * amount);
      try {
        outcome = await runChaos({ seed, seconds, writes, readings, logsDirectory }, journal);
        ({ held } = outcome);
      } finally {
        console.log(summary());
      }
    },
    (seconds + aftermathSeconds + 60) * 1_000,
  );

  function summary(): string {
    const facts = {
      seed,
      seconds,
      faults: journal.counts('faults '),
      starts: journal.counts('starts '),
      writes: journal.counts('writes '),
      readings: { ...journal.counts('readings '), ...journal.counts('values ') },
      wishes: journal.counts('wishes '),
      events: journal.counted('events'),
      held,
      rss_mib: journal.counts('rss_mib '),
      violations: journal.violations.length,
    };
    return `chaos ${JSON.stringify(facts)}\nwhat happened: ${journal.file}`;
  }

  it('was struck by every kind of fault', () => {
    const kinds = new Set(Object.keys(journal.counts('faults ')));
    expect(kinds).toEqual(
      new Set(['cut', 'refuse', 'silence', 'delay', 'throttle', 'kill', 'fill']),
    );
    const felt = ['readings refused with 500', 'ended edge-0'].map((what) => journal.counted(what));
    expect(Math.max(...felt), 'what the full disk did').toBeGreaterThan(0);
  });

  it('never went back, forgot or lost anything on the way', () => {
    expect(journal.violations).toEqual([]);
  });

  it('has on every node what the cluster places there, and nothing else', () => {
    expect(outcome.differences).toEqual([]);
  });

  it('has in the API every write that was acknowledged', () => {
    expect(outcome.lostWrites).toEqual([]);
  });

  it('gave up no report of an object that lives', () => {
    expect(outcome.droppedReports).toEqual([]);
  });

  it('ended when it was told to, and left nothing', () => {
    expect([outcome.hubExitCode, ...outcome.exitCodes]).toEqual([0, 0, 0, 0]);
    expect(outcome.remains).toEqual([]);
  });
});

describe('a plan of faults', () => {
  it('is the same for the same seed', () => {
    expect(planFaults(seed, seconds, 3)).toEqual(planFaults(seed, seconds, 3));
    expect(planFaults(seed, seconds, 3)).not.toEqual(planFaults(seed + 1, seconds, 3));
  });
});
