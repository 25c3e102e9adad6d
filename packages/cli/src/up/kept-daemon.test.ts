import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '@skerry/shared/clock';
import { aborted } from '@skerry/shared/supervise';
import { DaemonDied } from './daemon-process.ts';
import { KeptDaemon } from './kept-daemon.ts';

let directory: string;
let told: string[];
const { signal } = new AbortController();

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skerry-kept-'));
  told = [];
});
afterEach(() => rm(directory, { recursive: true }));

/** A daemon that ends with `exitCode` when it gets SIGUSR1. */
async function start(exitCode: number): Promise<KeptDaemon> {
  const module = join(directory, 'daemon.mjs');
  await writeFile(
    module,
    `process.on('SIGTERM', () => process.exit(0));
     process.on('SIGUSR1', () => { console.error('ouch'); process.exit(${exitCode}); });
     setInterval(() => undefined, 1000);
     process.send({ type: 'ready', facts: {} });`,
  );
  const logFile = join(directory, 'daemon.log');
  const tell = (sentence: string): void => {
    told.push(sentence);
  };
  return KeptDaemon.start(
    { name: 'daemon', module, args: [], env: {}, logFile, clock: systemClock, tell },
    signal,
  );
}

describe('a kept daemon', () => {
  it('comes back when it dies, while work goes on', async () => {
    await using daemon = await start(1);
    const first = daemon.pid;
    await daemon.during(async () => {
      process.kill(first, 'SIGKILL');
      await vi.waitUntil(() => daemon.pid !== first, { timeout: 50_000 });
    }, signal);
    process.kill(daemon.pid, 0);
    expect(told).toEqual(['daemon ended (SIGKILL) and is started again.']);
  });

  it('is given up when a restart cannot help', async () => {
    await using daemon = await start(78);
    const working = daemon.during(aborted, signal);
    process.kill(daemon.pid, 'SIGUSR1');
    await expect(working).rejects.toThrow(DaemonDied);
    await expect(working).rejects.toThrow(/daemon: exit code 78\..*\n {2}ouch/);
    expect(told).toEqual([]);
  });

  it('ends for good when it is let go', async () => {
    const daemon = await start(1);
    await daemon[Symbol.asyncDispose]();
    expect(() => process.kill(daemon.pid, 0)).toThrow('ESRCH');
  });
});
