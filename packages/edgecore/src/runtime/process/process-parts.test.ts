import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { findProgram } from './command.ts';
import { parseExit, startErrorMessage } from './exit-record.ts';
import { currentBootId, isAlive, parseIdentity } from './process-identity.ts';

describe('parseExit', () => {
  it('reads codes, signals and failures to start', () => {
    const at = '1767225600.123456789';
    expect(parseExit(`exit 3 ${at}\n`, 7, 'x')).toEqual({
      phase: 'exited',
      startedAt: 7,
      finishedAt: 1_767_225_600_123,
      exitCode: 3,
      reason: 'Error',
    });
    expect(parseExit(`signal 15 ${at}\n`, 7, 'x')).toMatchObject({ exitCode: 143 });
    expect(parseExit(`error 2 ${at}\n`, 7, 'x')).toMatchObject({
      startedAt: 0,
      exitCode: 127,
      reason: 'StartError',
    });
    expect(parseExit(`error 13 ${at}\n`, 7, '/x')).toMatchObject({ exitCode: 126 });
  });

  it('takes nothing from a file that is cut short', () => {
    for (const text of ['', 'exit', 'exit 3 17672256', 'exit 3 1767225600.1234\n'])
      expect(parseExit(text, 0, 'x')).toBeUndefined();
  });
});

describe('startErrorMessage', () => {
  it('speaks as container engines do', () => {
    expect(startErrorMessage('app', 2)).toBe('exec: "app": executable file not found in $PATH');
    expect(startErrorMessage('/app', 13)).toBe('exec: "/app": permission denied');
  });
});

describe('a process identity', () => {
  it('is that of one process of one boot', async () => {
    const stat = await readFile('/proc/self/stat', 'utf8');
    const self = parseIdentity(`${stat}${await currentBootId()}\n`)!;
    expect(self.pid).toBe(process.pid);
    expect(await isAlive(self)).toBe(true);
    expect(await isAlive({ ...self, startTicks: '1' })).toBe(false);
    expect(await isAlive({ ...self, bootId: 'another' })).toBe(false);
  });

  it('is read past whatever a process calls itself', () => {
    const stat = `42 (a) b (c) S ${Array.from({ length: 30 }, (_, n) => n).join(' ')}`;
    expect(parseIdentity(`${stat}\nboot\n`)).toEqual({
      pid: 42,
      state: 'S',
      startTicks: '18',
      bootId: 'boot',
    });
    expect(parseIdentity('42 (a')).toBeUndefined();
  });
});

describe('findProgram', () => {
  it('looks along the path, and leaves what it does not find as it is', async () => {
    expect(await findProgram('sh', '/none:/bin', '/')).toBe('/bin/sh');
    expect(await findProgram('no-such-program', '/bin', '/')).toBe('no-such-program');
    expect(await findProgram('bin/sh', '', '/')).toBe('/bin/sh');
    expect(await findProgram('/bin/sh', '', '/')).toBe('/bin/sh');
    expect(await findProgram('bin', '/', '/')).toBe('bin');
  });
});
