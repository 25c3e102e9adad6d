import { execFile } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { JsonObject } from '@skerry/apiserver/json';
import { Fields } from '@skerry/edgecore/judgement/fields';
import type { SourceType } from '@skerry/edgecore/judgement/judgement-spec';
import { sources } from '@skerry/edgecore/judgement/sources/sources';
import type { Source, SourceParts } from '@skerry/edgecore/judgement/sources/source';
import { systemClock } from '@skerry/shared/clock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { entryOf, writeJournal } from '../support/journal.ts';

const run = promisify(execFile);
const { signal } = new AbortController();
let directory: string;
let parts: SourceParts;

const open = (type: SourceType, settings: JsonObject): Source =>
  sources[type](new Fields(settings, `source.${type}`), parts);
const sample = async (type: SourceType, settings: JsonObject = {}): Promise<number> =>
  open(type, settings).sample(signal);

/** What a program of the machine is while a test runs: a script. */
async function standIn(program: string, script: string): Promise<void> {
  await writeFile(join(directory, program), `#!/bin/sh\n${script}\n`);
  await chmod(join(directory, program), 0o755);
  vi.stubEnv('PATH', [directory, process.env['PATH']].join(delimiter));
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'judgement-machine-'));
  parts = { clock: systemClock, dataDir: '/' } as Partial<SourceParts> as SourceParts;
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

describe("a unit's journal", () => {
  let root: string;
  let journal: string;
  const errors = { journal: 'plant.service', pattern: 'ERROR' };

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'judgement-journal-'));
    const entries = [
      ...['started', 'ERROR one', 'ERROR two'].map((text) => entryOf('plant.service', text)),
      entryOf('other.service', 'ERROR of another'),
      ...['first', ...Array.from({ length: 12 }, () => 'x'.repeat(100_000)), 'last'].map((text) =>
        entryOf('chatty.service', `ERROR ${text}`),
      ),
    ];
    journal = await writeJournal(root, entries);
  });
  afterAll(() => rm(root, { recursive: true }));

  const read = (from = journal, as = ''): Promise<void> =>
    standIn('journalctl', `exec ${as} /usr/bin/journalctl --directory=${from} "$@"`);

  it('is counted and shown, and no other is', async () => {
    await read();
    const source = open('log', errors);
    expect(await source.sample(signal)).toBe(2);
    const said = await source.evidence?.(signal);
    expect(said?.map((line) => line.replace(/^\S+ \S+ plant\[\d+\]: /, ''))).toEqual([
      'ERROR one',
      'ERROR two',
    ]);
  });

  it('counts what was written within the span', async () => {
    await read();
    const clock = { ...systemClock, now: () => systemClock.now() + 7_200_000 };
    parts = { ...parts, clock };
    expect(await sample('log', { ...errors, windowSeconds: 3_600 })).toBe(0);
    expect(await sample('log', { ...errors, windowSeconds: 86_400 })).toBe(2);
  });

  it('is looked at from its newest end where it is long', async () => {
    await read();
    const of = { journal: 'chatty.service', pattern: '(first|last)$' };
    const said = await open('log', of).evidence?.(signal);
    expect(said).toEqual([expect.stringMatching(/ERROR last$/)]);
  });

  it('that nobody keeps, or the agent may not see, is no sign that all is well', async () => {
    await mkdir(join(directory, 'empty'));
    await read(join(directory, 'empty'));
    await expect(sample('log', errors)).rejects.toThrow('No journal files were');
    await read(journal, 'setpriv --reuid=65534 --clear-groups');
    await expect(sample('log', errors)).rejects.toThrow(/journalctl: /);
  });
});

describe('a ping', () => {
  const host = '127.0.0.1';
  const ping = (as: string): Promise<void> => standIn('ping', `exec ${as} busybox ping "$@"`);

  it('reaches a host, and takes its time', async () => {
    await ping('');
    expect(await sample('icmp', { host })).toBe(1);
    expect(await sample('icmp', { host, measure: 'milliseconds' })).toBeGreaterThan(0);
  });

  it('reaches nobody where there is no network, by whichever program', async () => {
    await ping('unshare --net');
    expect(await sample('icmp', { host: '10.0.0.1' })).toBe(0);
    await expect(sample('icmp', { host: '10.0.0.1', measure: 'milliseconds' })).rejects.toThrow(
      'no answer',
    );
    await standIn('ping', 'echo "ping: connect: Network is unreachable" >&2; exit 2'); // as iputils
    expect(await sample('icmp', { host })).toBe(0);
    await standIn('ping', 'echo "ping: x: Name or service not known" >&2; exit 2');
    expect(await sample('icmp', { host: 'x' })).toBe(0);
  });

  it('that may not be sent says nothing of the host', async () => {
    await ping('setpriv --reuid=65534 --clear-groups');
    await expect(sample('icmp', { host })).rejects.toThrow('the agent may not ping');
    await standIn('ping', 'echo "ping: socket: Operation not permitted" >&2; exit 2');
    await expect(sample('icmp', { host })).rejects.toThrow('the agent may not ping');
    await standIn('ping', 'echo "ping: invalid argument" >&2; exit 2');
    await expect(sample('icmp', { host })).rejects.toThrow('ping: invalid argument');
  });
});

describe('a name server', () => {
  let server: Socket;

  beforeEach(async () => {
    server = createSocket('udp4');
    server.on('message', (question, { port }) => server.send(answerTo(question), port));
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  });
  afterEach(() => server.close());

  it('is asked at its address, and knows a name or not', async () => {
    const asked = { server: `127.0.0.1:${server.address().port}` };
    expect(await sample('dns', { ...asked, name: 'plant.example' })).toBe(1);
    expect(
      await sample('dns', { ...asked, name: 'plant.example', measure: 'milliseconds' }),
    ).toBeGreaterThan(0);
    expect(await sample('dns', { ...asked, name: 'nobody.example' })).toBe(0);
    await expect(sample('dns', { server: 'ns.example', name: 'x' })).rejects.toThrow(
      'not an address',
    );
  });
});

/** RFC 1035: one A record for plant.example, and no such name for any other. */
function answerTo(question: Buffer): Buffer {
  const isKnown = question.includes('plant') && question.readUInt16BE(question.length - 4) === 1;
  const answer = Buffer.from(question);
  answer.writeUInt16BE(isKnown ? 0x81_80 : 0x81_83, 2);
  if (!isKnown) return answer;
  answer.writeUInt16BE(1, 6);
  return Buffer.concat([answer, Buffer.from('c00c00010001000000050004c0000207', 'hex')]);
}

describe('of the machine', () => {
  it('inodes are those that are left of a file system', async () => {
    const path = join(directory, 'small');
    await mkdir(path);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1m,nr_inodes=10', 'skerry-inodes', path]);
    try {
      const left = (measure: string): Promise<number> => sample('disk', { path, measure });
      expect(await left('inodesAvailable')).toBe(9); // one is the directory itself
      expect(await left('inodesAvailablePercent')).toBe(90);
      for (let n = 0; n < 9; n++) await writeFile(join(path, `file-${n}`), '');
      expect(await left('inodesAvailable')).toBe(0);
      expect(await left('inodesAvailablePercent')).toBe(0);
      expect(await left('availablePercent')).toBeGreaterThan(90);
    } finally {
      await run('umount', [path]);
    }
  });

  it('load is what the kernel says', async () => {
    const told = async (): Promise<number[]> =>
      (await readFile('/proc/loadavg', 'utf8')).split(' ').slice(0, 3).map(Number);
    await eventually('a load that lasts as long as it is looked at', async () => {
      const before = await told();
      const sampled = await Promise.all([1, 5, 15].map((minutes) => sample('load', { minutes })));
      const perCore = await sample('load', { perCore: true });
      expect(await told()).toEqual(before); // or it has been reckoned anew meanwhile
      expect(sampled).toEqual(before);
      expect(perCore).toBeCloseTo((before[1] ?? Number.NaN) / availableParallelism());
      return true;
    });
  });

  it('temperature is that of its sensors, or a fault that names what there is', async () => {
    const script = 'cat /sys/class/thermal/thermal_zone*/temp /sys/class/hwmon/hwmon*/temp*_input';
    const { stdout } = await run('sh', ['-c', `${script} 2>/dev/null || true`]);
    const hottest = await sample('temperature').catch((error: unknown) => String(error));
    expect(stdout === '' ? hottest : Number.isFinite(hottest)).toEqual(
      stdout === '' ? expect.stringContaining('it has: none') : true,
    );
  });

  it('certificates have the days that openssl gave them', async () => {
    const file = join(directory, 'tls.crt');
    const subject = ['-subj', '/CN=plant', '-keyout', join(directory, 'tls.key'), '-out', file];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc'];
    await run('openssl', ['req', '-x509', ...key, '-days', '10', ...subject]);
    const days = await sample('certificate', { file });
    expect(days).toBeGreaterThan(9.9);
    expect(days).toBeLessThanOrEqual(10);
    parts = { ...parts, clock: { ...systemClock, now: () => systemClock.now() + 11 * 86_400_000 } };
    expect(await sample('certificate', { file })).toBeLessThan(0);
    await writeFile(file, 'no certificate');
    await expect(sample('certificate', { file })).rejects.toThrow();
  });
});
