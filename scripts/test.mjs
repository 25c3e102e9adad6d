/**
 * `npm test`: provides the real parts, then runs every check and every test. The last line says what
 * became of them: `N passed, N failed`.
 */
import process from 'node:process';
import { inspections, runAll } from './check.mjs';
import { build, install } from './install-and-build.mjs';
import { provideRealParts } from './real-parts.mjs';
import { continueOnPinnedNode, fail } from './toolchain.mjs';
import { vitest } from './vitest.mjs';

async function test() {
  await install();
  await continueOnPinnedNode();
  const total = { passed: 0, failed: 0 };
  try {
    await provideRealParts();
    await build();
    total.failed += await inspect();
    for (const project of ['unit', 'sim', 'real', 'e2e', 'chaos']) add(total, vitest(project));
  } catch (error) {
    fail(error);
    total.failed += 1;
  }
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

/** Every inspection, also after one that failed; resolves with how many did. */
async function inspect() {
  let failed = 0;
  await runAll(inspections, (error) => {
    fail(error);
    failed += 1;
  });
  return failed;
}

function add(total, { passed, failed }) {
  total.passed += passed;
  total.failed += failed;
}

test().catch(fail);
