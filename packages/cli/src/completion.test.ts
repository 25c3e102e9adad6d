import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { completionScript } from './completion.ts';
import { program } from './program.ts';

const bash = completionScript(program, 'bash');

/** What bash would offer after these words. */
function offered(...words: string[]): string[] {
  const script = `${bash}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_skerry
printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
}

describe('bash completion', () => {
  it('offers commands, then their flags, then the words they choose from', () => {
    expect(offered('skerry', '')).toEqual([
      'up',
      'status',
      'get',
      'describe',
      'logs',
      'restart',
      'device',
      'judge',
      'alerts',
      'log-level',
      'backup',
      'restore',
      'sim',
      'version',
      'completion',
      '--help',
      '--version',
    ]);
    expect(offered('skerry', 'up', '--fr')).toEqual(['--fresh']);
    expect(offered('skerry', 'sim', '--ou')).toEqual(['--output']);
    expect(offered('skerry', 'completion', '')).toEqual(['bash', 'zsh', '--help']);
  });

  it('offers directories where a directory is wanted', () => {
    expect(offered('skerry', 'up', '--data-dir', '/et')).toEqual(['/etc']);
  });
});

describe('zsh completion', () => {
  it('names every command and flag', () => {
    const zsh = completionScript(program, 'zsh');
    for (const word of ['up:', 'version:', 'completion:', '--fresh', '--port-offset', '(bash zsh)'])
      expect(zsh).toContain(word);
  });

  it('is syntax that zsh accepts, where there is one', () => {
    const { status, error, stderr } = spawnSync('zsh', ['-n'], {
      input: completionScript(program, 'zsh'),
      encoding: 'utf8',
    });
    expect(error === undefined ? [status, stderr] : [0, '']).toEqual([0, '']);
  });
});
