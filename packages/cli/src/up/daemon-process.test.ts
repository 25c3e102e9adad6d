import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '@skerry/shared/clock';
import { DaemonDied, DaemonProcess } from './daemon-process.ts';

let directory: string;
const { signal } = new AbortController();

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skerry-daemon-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function start(source: string): Promise<DaemonProcess> {
  const module = join(directory, 'daemon.mjs');
  await writeFile(module, source);
  const logFile = join(directory, 'daemon.log');
  const options = { name: 'daemon', module, args: [], env: {}, logFile, clock: systemClock };
  return DaemonProcess.start(options, signal);
}

const serving = `
  process.on('SIGTERM', () => { console.error('ending'); process.exit(0); });
  setInterval(() => undefined, 1000);
  process.send({ type: 'ready', facts: {} });
`;

describe('a daemon as a child process', () => {
  it('is there when it says that it is ready, and ends when it is let go', async () => {
    const daemon = await start(serving);
    process.kill(daemon.pid, 0);
    await daemon[Symbol.asyncDispose]();
    expect(() => process.kill(daemon.pid, 0)).toThrow('ESRCH');
    expect(await readFile(join(directory, 'daemon.log'), 'utf8')).toBe('ending\n');
  });

  it('fails to start with its last words', async () => {
    const starting = start(`console.error('no disk'); process.exit(78);`);
    await expect(starting).rejects.toThrow(DaemonDied);
    await expect(starting).rejects.toThrow(/daemon: exit code 78\..*\n {2}no disk/);
  });

  it('cuts work short when it dies meanwhile, and says how', async () => {
    await using daemon = await start(serving);
    const work = vi.fn((s: AbortSignal) => once(s, 'abort').then(() => 'done'));
    const working = daemon.during(work, signal);
    process.kill(daemon.pid, 'SIGKILL');
    await expect(working).rejects.toThrow('daemon: SIGKILL');
    expect(work.mock.lastCall?.[0].aborted).toBe(true);
  });

  it('lets work be done while it lives, and lives on', async () => {
    await using daemon = await start(serving);
    expect(await daemon.during(() => Promise.resolve('done'), signal)).toBe('done');
    process.kill(daemon.pid, 0);
  });

  it('keeps the log of the start before', async () => {
    await (await start(serving))[Symbol.asyncDispose]();
    await (await start(serving))[Symbol.asyncDispose]();
    expect(await readFile(join(directory, 'daemon.log.1'), 'utf8')).toBe('ending\n');
  });
});
