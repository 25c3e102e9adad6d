import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';

/** More of them: `SKERRY_KILLS=1000`. */
const kills = Number(process.env['SKERRY_KILLS'] ?? 50);
const writers = 16;
const deletionEvery = 5;
const program = join(import.meta.dirname, '..', 'support', 'store-writer.ts');

/** What one life of the writing process has told, from its start to its SIGKILL. */
interface Life {
  readonly held: ReadonlyMap<number, number>;
  readonly history: ReadonlySet<number>;
  /** By writer: the last change acknowledged. */
  readonly done: ReadonlyMap<number, number>;
  readonly revisions: readonly number[];
}

/** Kills it, without a warning, when it has acknowledged `changes` of them. */
async function live(directory: string, reached: readonly number[], changes: number): Promise<Life> {
  const child = spawn(process.execPath, [program, directory, JSON.stringify(reached)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  const [held, done] = [new Map<number, number>(), new Map<number, number>()];
  const history = new Set<number>();
  const revisions: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [what, first, second, third] = line.split(' ');
    if (what === 'held') held.set(Number(first), Number(second));
    if (what === 'happened') history.add(Number(first));
    if (what !== 'done') continue;
    done.set(Number(first), Number(second));
    revisions.push(Number(third));
    if (revisions.length === changes) child.kill('SIGKILL');
  }
  const [code, signal] = (await gone) as [number | null, string | null];
  expect([code, signal], 'it ended by itself').toEqual([null, 'SIGKILL']);
  return { held, history, done, revisions };
}

/** The change after the last one acknowledged may have been made, too: nobody heard of it. */
function lost(acknowledged: number, held: number | undefined): boolean {
  const possible = [acknowledged, acknowledged + 1];
  return !possible.some((value) => (value % deletionEvery === 0 ? undefined : value) === held);
}

it(
  `loses no acknowledged change in ${kills} kills`,
  async () => {
    const directory = await mkdtemp(join(tmpdir(), 'skerry-kills-'));
    const reached = Array.from({ length: writers }, () => 0);
    let told: readonly number[] = [];
    for (let kill = 0; kill <= kills; kill++) {
      const life = await live(directory, reached, 20 + ((kill * 37) % 100));
      const missing = reached.filter((value, number) => lost(value, life.held.get(number)));
      expect(missing, `objects that went back, at kill ${kill}`).toEqual([]);
      const forgotten = told.filter((revision) => !life.history.has(revision));
      expect(forgotten, `events that are gone, at kill ${kill}`).toEqual([]);
      expect(Math.min(...life.revisions)).toBeGreaterThan(Math.max(0, ...told));
      for (let number = 0; number < writers; number++)
        reached[number] = life.done.get(number) ?? life.held.get(number) ?? reached[number] ?? 0;
      told = life.revisions;
    }
    await rm(directory, { recursive: true });
  },
  10_000 + kills * 10_000,
);
