/**
 * `npm run check`: the quick gate, in order: build, format, lint, dependency rules, dead exports, unit
 * tests. Stops at the first failure and shows what it said.
 */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build, install } from './install-and-build.mjs';
import { capture, continueOnPinnedNode, fail, timed } from './toolchain.mjs';
import { vitest } from './vitest.mjs';

const cache = ['--cache', '--cache-location'];

/** What is asked of the code besides that it compiles and works. */
export const inspections = [
  ['format', ['prettier', '--check', '--log-level=warn', ...cache, '.cache/prettier', '.']],
  ['lint', ['eslint', ...cache, '.cache/eslint/', '--cache-strategy=content', '.']],
  ['dependency rules', ['depcruise', '--output-type=err', 'packages', 'examples', 'test', 'bench']],
  [
    'dead exports',
    ['knip', '--no-progress', '--no-config-hints', '--cache', '--cache-location=.cache/knip'],
  ],
];

async function check() {
  await install();
  await continueOnPinnedNode();
  await build();
  for (const [title, command] of inspections) await timed(title, () => capture(command));
  await timed('unit tests', () => vitest('unit', { quiet: true }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) check().catch(fail);
