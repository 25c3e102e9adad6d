/** Runs vitest projects and counts what they said. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailed, capture, root, run } from './toolchain.mjs';

/**
 * Runs one vitest project and returns `{ passed, failed }`. A file that cannot be loaded, a skipped
 * test and an error outside of any test count as failures. `quiet`: shows nothing unless something
 * fails, and then throws.
 */
export async function vitest(project, { quiet = false } = {}) {
  const report = join(root, '.cache', `vitest-${project}.json`);
  mkdirSync(join(root, '.cache'), { recursive: true });
  rmSync(report, { force: true });
  const command = ['vitest', 'run', '--project', project, '--reporter=default', '--reporter=json'];
  let broken = false;
  try {
    if (quiet) await capture([...command, `--outputFile.json=${report}`]);
    else run([...command, `--outputFile.json=${report}`]);
  } catch (error) {
    if (quiet || !(error instanceof CommandFailed)) throw error;
    broken = true;
  }
  return count(report, broken);
}

function count(report, broken) {
  const { testResults } = readReport(report);
  let [passed, failed] = [0, 0];
  for (const { status, assertionResults } of testResults) {
    const good = assertionResults.filter((test) => test.status === 'passed').length;
    passed += good;
    failed += assertionResults.length - good;
    if (status === 'failed' && good === assertionResults.length) failed += 1;
  }
  return { passed, failed: broken && failed === 0 ? 1 : failed };
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { testResults: [{ status: 'failed', assertionResults: [] }] }; // vitest itself broke
  }
}
