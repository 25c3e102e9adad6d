/**
 * One process that judges by 50 units with periods of a second, or that only reads the same values by as
 * many bare timers; tells its parent what that cost over a while.
 */
import { readFileSync } from 'node:fs';
import { statfs, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Judge } from '@skerry/edgecore/judgement/judge';
import { judgementSpec } from '@skerry/edgecore/judgement/judgement-spec';
import { ResultStore, defaultResultsPolicy } from '@skerry/edgecore/judgement/result-store';
import type { SourceParts } from '@skerry/edgecore/judgement/sources/source';
import { systemClock } from '@skerry/shared/clock';
import { openStore } from '@skerry/shared/store';

const [, , kind = 'judge', seconds = '20'] = process.argv;
const units = 50;
const warmUpMs = 4_000;
const flushMs = 10_000;

export interface Cost {
  readonly cpuPercent: number;
  readonly rssMib: number;
  /** What lives on the heap of JavaScript once nothing else does. */
  readonly heapMib: number;
}

/** What the units measure, in turn. */
const sources = [
  { memory: {} },
  { load: { minutes: 1 } },
  { disk: { path: '/' } },
  { memory: { measure: 'usedPercent' } },
  { cpu: {} },
];

/** Memory before anything is judged: both kinds have loaded the same modules. */
async function measure(): Promise<Cost> {
  global.gc?.();
  const before = process.memoryUsage();
  await using _running = kind === 'judge' ? await judge() : bare();
  await sleep(warmUpMs);
  const [began, used] = [performance.now(), process.cpuUsage()];
  await sleep(Number(seconds) * 1_000);
  const { user, system } = process.cpuUsage(used);
  const cpuPercent = (user + system) / 10 / (performance.now() - began);
  global.gc?.();
  const after = process.memoryUsage();
  const grown = (name: 'rss' | 'heapUsed'): number => (after[name] - before[name]) / 2 ** 20;
  return { cpuPercent, rssMib: grown('rss'), heapMib: grown('heapUsed') };
}

/** As the agent does, with results that go to a LevelDB of their own. */
async function judge(): Promise<AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), 'judgement-cost-'));
  const store = await openStore(directory, { whenCorrupt: 'fail', now: () => systemClock.now() });
  const results = await ResultStore.open(store, defaultResultsPolicy);
  const spec = judgementSpec(
    {
      metadata: { name: 'cost' },
      spec: {
        periodSeconds: 5,
        units: Array.from({ length: units }, (_, n) => ({
          name: `unit-${n}`,
          source: sources[n % sources.length] ?? {},
          mode: 'score',
          samples: 5,
          threshold: 50,
          periodSeconds: 1,
        })),
      },
    },
    'file',
  );
  const stop = new AbortController();
  const running = new Judge(spec, {
    sources: { clock: systemClock, dataDir: '/' } as Partial<SourceParts> as SourceParts,
    clock: systemClock,
    held: undefined,
    found: (unit, { at, result, mean }) => results.add('cost', unit, { at, result, mean }),
    stands: () => undefined,
    turned: () => Promise.resolve(),
  }).run(stop.signal);
  const flushing = setInterval(() => void results.flush(systemClock.now()), flushMs);
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(flushing);
      stop.abort();
      await running;
      await store[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

/** The same values, read by bare timers, and thrown away. */
function bare(): AsyncDisposable {
  const readers = [
    () => readFileSync('/proc/meminfo', 'latin1'),
    () => readFileSync('/proc/loadavg', 'latin1'),
    () => statfs('/'),
    () => readFileSync('/proc/meminfo', 'latin1'),
    () => readFileSync('/proc/stat', 'latin1'),
  ];
  const timers = Array.from({ length: units }, (_, n) =>
    setInterval(() => void readers[n % readers.length]?.(), 1_000),
  );
  return {
    [Symbol.asyncDispose]: () => {
      for (const timer of timers) clearInterval(timer);
      return Promise.resolve();
    },
  };
}

process.send?.(await measure());
