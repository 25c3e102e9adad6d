/**
 * What 50 units with periods of a second cost: share of a core, and memory, results on disk included. The
 * floor is as many bare timers that read the same values, in a process of its own, in the same run.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { print, progress, spread, type Spread } from './support/figures.ts';
import type { Cost } from './support/judgement-load.ts';

const repeats = 3;
const seconds = 20;

async function costOf(kind: 'judge' | 'bare'): Promise<Cost> {
  const program = join(import.meta.dirname, 'support/judgement-load.ts');
  const child = fork(program, [kind, String(seconds)], { execArgv: ['--expose-gc'] });
  const [cost] = (await once(child, 'message')) as [Cost];
  await once(child, 'exit');
  return cost;
}

const judged: Cost[] = [];
const bare: Cost[] = [];
for (let repeat = 1; repeat <= repeats; repeat++) {
  progress(`judgement-cost: repeat ${repeat} of ${repeats}`);
  judged.push(await costOf('judge'));
  bare.push(await costOf('bare'));
}
const figures = (costs: readonly Cost[]): Record<string, Spread> => ({
  cpu_percent: spread(costs.map(({ cpuPercent }) => cpuPercent)),
  rss_mib: spread(costs.map(({ rssMib }) => rssMib)),
  heap_mib: spread(costs.map(({ heapMib }) => heapMib)),
});
const [ours, floor] = [figures(judged), figures(bare)];

print({
  bench: 'judgement-cost',
  figures: ours,
  floor,
  ratio: (ours['cpu_percent']?.median ?? Number.NaN) / (floor['cpu_percent']?.median ?? Number.NaN),
});
