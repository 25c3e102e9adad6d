import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serveApi, type ServedApi } from '@skerry/apiserver/testing/served-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** What they print is not the API's to say, and why. Every other one must pass. */
const otherwise: Readonly<Record<string, string>> = {
  'get-nodes': 'the node lifecycle controller finds no lease and says NotReady',
  'get-nodes-wide': 'the node lifecycle controller finds no lease and says NotReady',
};

const answers = JSON.parse(
  readFileSync(join(import.meta.dirname, 'answers.json'), 'utf8'),
) as Readonly<Record<string, unknown>>;
const mustPass = Object.keys(answers).filter((name) => !(name in otherwise));

describe('kubectl prints what it prints against Kubernetes', () => {
  let api: ServedApi;
  let output = '';

  beforeAll(async () => {
    api = await serveApi('controllers');
    output = await runCommands(api.kubeconfig);
  });

  afterAll(() => api[Symbol.asyncDispose]());

  it.each(mustPass)('%s', (name) => {
    expect(differencesOf(output, name)).toBe('');
  });

  it('for every command that was recorded', () => {
    const ran = /^(\d+) passed, (\d+) failed$/m.exec(output);
    expect(Number(ran?.[1]) + Number(ran?.[2])).toBe(Object.keys(answers).length);
  });
});

async function runCommands(kubeconfig: string): Promise<string> {
  const script = join(import.meta.dirname, 'golden.mjs');
  const run = promisify(execFile)(process.execPath, [script, '--kubeconfig', kubeconfig]);
  try {
    return (await run).stdout;
  } catch (failure) {
    const { stdout, stderr } = failure as { stdout: string; stderr: string };
    return stdout + stderr;
  }
}

/** What `FAIL name: …` and the indented lines under it say; empty when the command has passed. */
function differencesOf(output: string, name: string): string {
  const lines = output.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`FAIL ${name}:`));
  if (start < 0) return '';
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('  '));
  return lines.slice(start, end).join('\n');
}
