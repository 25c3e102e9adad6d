/** Runs vitest projects and counts what they said. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CommandFailed, root, run } from './toolchain.mjs';

/**
 * Runs one vitest project and returns `{ passed, failures }`, where a failure has a title and a detail.
 * A file that cannot be loaded, a skipped test and an error outside of any test count as failures.
 */
export function vitest(project) {
  const report = join(root, '.cache', `vitest-${project}.json`);
  mkdirSync(join(root, '.cache'), { recursive: true });
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  try {
    run(['vitest', 'run', '--project', project, ...reporters]);
    return outcomeOf(report);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    const outcome = outcomeOf(report);
    if (outcome.failures.length > 0) return outcome;
    const outside = { title: `${project}: an error outside of any test`, detail: error.message };
    return { ...outcome, failures: [outside] };
  }
}

function outcomeOf(report) {
  const files = readReport(report).testResults.map(outcomeOfFile);
  return {
    passed: files.reduce((sum, file) => sum + file.passed, 0),
    failures: files.flatMap((file) => file.failures),
  };
}

function outcomeOfFile({ name, status, message, assertionResults }) {
  const path = relative(root, name);
  const bad = assertionResults.filter((test) => test.status !== 'passed');
  const failures = bad.map((test) => ({
    title: `${path} > ${test.fullName}`,
    detail: test.failureMessages?.join('\n') || test.status,
  }));
  if (status === 'failed' && bad.length === 0)
    failures.push({ title: path, detail: message ?? '' });
  return { passed: assertionResults.length - bad.length, failures };
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const broken = { name: path, status: 'failed', assertionResults: [], message: String(error) };
    return { testResults: [broken] }; // vitest itself broke
  }
}
