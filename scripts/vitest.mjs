/** Runs vitest projects and counts what they said. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailed, root, run } from './toolchain.mjs';

/**
 * Runs one vitest project and returns `{ passed, failed }`. A file that cannot be loaded, a skipped
 * test and an error outside of any test count as failures.
 */
export function vitest(project) {
  const report = join(root, '.cache', `vitest-${project}.json`);
  mkdirSync(join(root, '.cache'), { recursive: true });
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  try {
    run(['vitest', 'run', '--project', project, ...reporters]);
    return count(report, false);
  } catch (error) {
    if (error instanceof CommandFailed) return count(report, true);
    throw error;
  }
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
