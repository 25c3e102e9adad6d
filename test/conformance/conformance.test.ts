import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serveApi, type ServedApi } from '@skerry/apiserver/testing/served-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Every step of every one of these must pass. */
const scenarios = ['crud', 'watch', 'list', 'crd', 'pod'];

interface Scenario {
  readonly title: string;
  readonly steps: readonly { readonly name: string }[];
}

describe.each(scenarios)('conversation %s', (file) => {
  const path = join(import.meta.dirname, 'scenarios', `${file}.json`);
  const { title, steps } = JSON.parse(readFileSync(path, 'utf8')) as Scenario;
  let api: ServedApi;
  let output = '';

  beforeAll(async () => {
    api = await serveApi();
    output = await replay(api.kubeconfig, path);
  });

  afterAll(() => api[Symbol.asyncDispose]());

  it.each(steps.map(({ name }) => name))('%s', (name) => {
    expect(differencesOf(output, `${title} / ${name}`)).toBe('');
  });

  it('is replayed as a whole', () => {
    expect(output).toMatch(new RegExp(`^${steps.length} passed, 0 failed$`, 'm'));
  });
});

async function replay(kubeconfig: string, path: string): Promise<string> {
  const script = join(import.meta.dirname, 'replay.mjs');
  const run = promisify(execFile)(process.execPath, [script, '--kubeconfig', kubeconfig, path]);
  try {
    return (await run).stdout;
  } catch (failure) {
    const { stdout, stderr } = failure as { stdout: string; stderr: string };
    return stdout + stderr;
  }
}

/** What `FAIL step` and the indented lines under it say; empty when the step has passed. */
function differencesOf(output: string, step: string): string {
  const lines = output.split('\n');
  const start = lines.findIndex(
    (line) => line === `FAIL ${step}` || line.startsWith(`FAIL ${step}:`),
  );
  if (start < 0) return '';
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('  '));
  return lines.slice(start, end).join('\n');
}
