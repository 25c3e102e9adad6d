import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestSystem } from './daemons.ts';

const program = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'skerry.js');

export interface SimEnd {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** `skerry sim` as a person runs it against the system under test. Later words win over earlier ones. */
export function simCommand(system: TestSystem, ...words: string[]) {
  const pki = join(system.directory, 'pki');
  const where = ['--hub', system.edgesUrl, '--pki', pki, '--kubeconfig', join(pki, 'kubeconfig')];
  const child = spawn(process.execPath, [program, 'sim', ...where, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', error: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (said.error += chunk.toString('utf8')));
  const ended: Promise<SimEnd> = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    ...said,
  }));
  return { child, ended };
}
