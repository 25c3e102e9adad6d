/**
 * `npm run check`: the quick gate, in order: build, format, lint, dependency rules, dead exports, unit
 * tests. Stops at the first failure and shows what it said. What follows the build is done on all cores.
 */
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build, install } from './install-and-build.mjs';
import { capture, continueOnPinnedNode, fail, measured, report } from './toolchain.mjs';

const cached = (name) => ['--cache', '--cache-location', `.cache/${name}`];

/** What is asked of the code besides that it compiles and works. */
export const inspections = [
  ['format', ['prettier', '--check', '--log-level=warn', ...cached('prettier'), '.']],
  ['lint', ['eslint', ...cached('eslint/'), '--cache-strategy=content', '.']],
  ['dependency rules', ['depcruise', '--output-type=err', 'packages', 'examples', 'test', 'bench']],
  ['dead exports', ['knip', '--no-progress', '--no-config-hints', ...cached('knip')]],
];

/**
 * Runs commands side by side, as many as there are cores, and reports them in their order. `failed` is
 * told of each that fails; when it throws, the rest is ended.
 */
export async function runAll(commands, failed) {
  const ending = new AbortController();
  const runs = commands.map(([title, command]) => ({ title, command, ...Promise.withResolvers() }));
  const waiting = runs.values();
  const work = async () => {
    for (const { command, resolve } of waiting)
      resolve(await measured(() => capture(command, { signal: ending.signal })));
  };
  Array.from({ length: availableParallelism() }, work);
  try {
    for (const { title, promise } of runs) await report(title, promise).catch(failed);
  } finally {
    ending.abort();
  }
}

async function check() {
  await install();
  await continueOnPinnedNode();
  await build();
  const unitTests = ['unit tests', ['vitest', 'run', '--project', 'unit']];
  await runAll([...inspections, unitTests], (error) => {
    throw error;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) check().catch(fail);
