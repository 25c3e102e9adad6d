/**
 * `npm test`: provides the real parts, then runs every check and every test. What failed is told once
 * more at the end, where it is seen; the last line says what became of all: `N passed, N failed`.
 */
import process from 'node:process';
import { inspections, runAll } from './check.mjs';
import { build, install } from './install-and-build.mjs';
import { provideRealParts } from './real-parts.mjs';
import { continueOnPinnedNode, fail } from './toolchain.mjs';
import { vitest } from './vitest.mjs';

/** The most of one failure's text that is told again at the end. */
const detailLines = 40;

async function test() {
  await install();
  await continueOnPinnedNode();
  const failures = [];
  let passed = 0;
  try {
    await provideRealParts();
    await build();
    failures.push(...(await inspect()));
    for (const project of ['unit', 'sim', 'real', 'e2e', 'chaos']) {
      const outcome = vitest(project);
      passed += outcome.passed;
      failures.push(...outcome.failures);
    }
  } catch (error) {
    fail(error);
    failures.push(failureOf(error));
  }
  process.stdout.write(
    `${failures.map(told).join('')}\n${passed} passed, ${failures.length} failed\n`,
  );
  process.exitCode = failures.length > 0 ? 1 : 0;
}

/** Every inspection, also after one that failed; resolves with those that did. */
async function inspect() {
  const failures = [];
  await runAll(inspections, (error) => {
    fail(error);
    failures.push(failureOf(error));
  });
  return failures;
}

const failureOf = (error) => ({ title: 'npm test', detail: error.output || error.message });

const told = ({ title, detail }) =>
  `\nFAILED ${title}\n${detail.split('\n').slice(0, detailLines).join('\n')}\n`;

test().catch(fail);
