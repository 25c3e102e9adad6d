import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@skerry/shared/clock';
import { awaitEndOfEarlierStart } from './earlier-start.ts';

let logs: string;
const { signal } = new AbortController();

beforeEach(async () => {
  logs = await mkdtemp(join(tmpdir(), 'skerry-earlier-'));
});
afterEach(() => rm(logs, { recursive: true }));

const ended = (): Promise<void> => awaitEndOfEarlierStart(logs, systemClock, signal);

describe('the end of an earlier start', () => {
  it('is not waited for where there was none', async () => {
    await ended();
    await awaitEndOfEarlierStart(join(logs, 'nowhere'), systemClock, signal);
  });

  it('is waited for while a daemon of it lives', async () => {
    const daemon = spawn('sh', ['-c', 'sleep 60; : edgecore'], { detached: true });
    await once(daemon, 'spawn');
    await writeFile(join(logs, 'edgecore.log.pid'), String(daemon.pid));
    let over = false;
    const waiting = ended().then(() => (over = true));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(over).toBe(false);
    process.kill(-(daemon.pid ?? 0), 'SIGKILL');
    await waiting;
  });

  it('does not mind a stranger who bears its number by now', async () => {
    await writeFile(join(logs, 'edgecore.log.pid'), '1');
    await ended();
  });
});
