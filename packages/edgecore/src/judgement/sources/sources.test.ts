import { appendFile, mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { JsonObject } from '@skerry/apiserver/json';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import type { ObjectKey, Uid, Version } from '@skerry/shared/names';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContainerRuntime } from '../../runtime/container-runtime.ts';
import { Fields } from '../fields.ts';
import { sourceTypes, type SourceType } from '../judgement-spec.ts';
import { offsetOf } from './clock-offset.ts';
import { logFile } from './log-file.ts';
import { matcherOf, maxLineLength } from './matching-lines.ts';
import { numberOf } from './own-state.ts';
import { sources } from './sources.ts';
import type { Source, SourceParts } from './source.ts';

let root: string;
let clock: ManualClock;
let parts: SourceParts;
const signal = new AbortController().signal;

const open = (type: SourceType, settings: JsonObject = {}): Source =>
  sources[type](new Fields(settings, `source.${type}`), parts);
const sample = async (type: SourceType, settings?: JsonObject): Promise<number> =>
  open(type, settings).sample(signal);
const write = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sources-'));
  clock = new ManualClock();
  const kernel = { proc: join(root, 'proc'), sys: join(root, 'sys') };
  parts = {
    clock,
    kernel,
    dataDir: root,
    hub: { isUp: true, heartbeat: { roundTripMs: 12, at: -3_000 } },
    outbox: { size: 4, oldestAt: clock.now() - 90_000 },
    runtimes: {
      health: () => new Map([['docker', { phase: 'ill', message: 'no' }]]),
      ready: () => [],
    },
    heard: () => Promise.resolve({ value: '21.5', at: clock.now() - 5_000 }),
  } as Partial<SourceParts> as SourceParts;
});
afterEach(() => rm(root, { recursive: true }));

it('there is a source of every type', () => {
  expect(Object.keys(sources).toSorted()).toEqual([...sourceTypes].toSorted());
});

describe('of the machine', () => {
  const stat = (user: number, idle: number, iowait: number): Promise<void> =>
    write('proc/stat', `cpu  ${user} 0 0 ${idle} ${iowait} 0 0 0 99 0\ncpu0 1 2 3\n`);

  it('cpu is the busy share of the time between two samples', async () => {
    await stat(100, 100, 0);
    const cpu = open('cpu');
    await clock.advance(1_000);
    await stat(130, 160, 10);
    expect(await cpu.sample(signal)).toBe(30);
    await clock.advance(1_000);
    expect(() => cpu.sample(signal)).toThrow(/no time/);
  });

  it('cpu waits until there has been time to share', async () => {
    await stat(0, 0, 0);
    const sampled = Promise.resolve(open('cpu').sample(signal));
    await stat(10, 10, 0);
    await clock.advance(400);
    expect(await sampled).toBe(50);
  });

  it('memory is what can be had without swapping', async () => {
    await write('proc/meminfo', 'MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:   250 kB\n');
    expect(await sample('memory')).toBe(25);
    expect(await sample('memory', { measure: 'usedPercent' })).toBe(75);
    expect(await sample('memory', { measure: 'availableBytes' })).toBe(256_000);
  });

  it('load is the average of the last minutes', async () => {
    await write('proc/loadavg', '4.00 2.00 1.50 3/100 1234\n');
    expect(await sample('load', { minutes: 1 })).toBe(4);
    expect(await sample('load')).toBe(2);
    expect(await sample('load', { minutes: 15 })).toBe(1.5);
  });

  it('disk is what is left of a file system', async () => {
    const percent = await sample('disk', { path: root });
    expect(percent).toBeGreaterThan(0);
    expect(percent).toBeLessThanOrEqual(100);
    expect(await sample('disk', { path: root, measure: 'availableBytes' })).toBeGreaterThan(100);
    await expect(sample('disk', { path: join(root, 'none') })).rejects.toThrow('ENOENT');
  });

  it('temperature is that of the hottest sensor, or of one by name', async () => {
    await expect(sample('temperature')).rejects.toThrow('it has: none');
    await write('sys/class/thermal/thermal_zone0/type', 'x86_pkg_temp\n');
    await write('sys/class/thermal/thermal_zone0/temp', '41500\n');
    await write('sys/class/hwmon/hwmon1/name', 'nvme\n');
    await write('sys/class/hwmon/hwmon1/temp1_input', '55000\n');
    await write('sys/class/hwmon/hwmon1/temp1_max', '99000\n');
    expect(await sample('temperature')).toBe(55);
    expect(await sample('temperature', { sensor: 'x86_pkg_temp' })).toBe(41.5);
    await expect(sample('temperature', { sensor: 'gpu' })).rejects.toThrow('x86_pkg_temp, nvme');
  });
});

describe('of the agent', () => {
  it.each([
    ['connected', 1],
    ['roundTripMilliseconds', 12],
    ['outboxAgeSeconds', 90],
    ['pendingReports', 4],
    ['lastAckSeconds', 3],
  ])('hub knows %s', async (measure, value) => {
    expect(await sample('hub', { measure })).toBe(value);
  });

  it('engine is 0 while it does not answer', async () => {
    expect(await sample('engine')).toBe(0);
    parts = {
      ...parts,
      runtimes: { health: () => new Map([['docker', { phase: 'starting' }]]), ready: () => [] },
    };
    expect(() => open('engine').sample(signal)).toThrow('has not answered yet');
  });

  it('device is a value as a number, or its age', async () => {
    const of = { name: 'oven', property: 'temperature' };
    expect(await sample('device', of)).toBe(21.5);
    expect(await sample('device', { ...of, measure: 'ageSeconds' })).toBe(5);
    parts = { ...parts, heard: () => Promise.resolve(undefined) };
    await expect(sample('device', of)).rejects.toThrow('oven has not reported temperature');
  });

  it('reads numbers, and true and false', () => {
    expect(['7', ' 7.5\n', 'true', 'false', '', 'x', 'Infinity'].map(numberOf)).toEqual([
      ...[7, 7.5, 1, 0],
      ...[undefined, undefined, undefined],
    ]);
  });
});

describe('of containers', () => {
  const object = (name: string, app: string): object => ({
    metadata: { name, namespace: 'default', labels: { app } },
  });
  const run = (pod: string, attempt: number, phase: string): object => ({
    pod: { name: pod },
    sandboxes: [],
    containers: [
      { id: `${pod}-old`, mark: { name: 'main', attempt: 0 }, state: { phase: 'exited' } },
      { id: pod, mark: { name: 'main', attempt }, state: { phase } },
    ],
  });
  let cpuSeconds: number;

  beforeEach(() => {
    cpuSeconds = 10;
    const pods = new Map([
      ['web-1', run('web-1', 2, 'running')],
      ['web-2', run('web-2', 3, 'exited')],
    ]);
    const runtime = {
      list: ({ name }: { name: string }) => Promise.resolve(pods.has(name) ? [pods.get(name)] : []),
      usage: () => Promise.resolve({ memoryBytes: 1_000, processes: 1, cpuSeconds }),
    } as unknown as ContainerRuntime;
    const held = [object('web-1', 'web'), object('web-2', 'web'), object('api', 'api')];
    parts = {
      ...parts,
      runtimes: { health: () => new Map(), ready: () => [runtime] },
      objects: {
        get: () => Promise.resolve(undefined),
        list: () =>
          Promise.resolve(
            held.map((each) => ({
              key: 'pods/default/x' as ObjectKey,
              uid: 'u' as Uid,
              version: 1n as Version,
              object: Buffer.from(JSON.stringify(each)),
            })),
          ),
      },
    };
  });

  it('counts the newest runs of the pods that are meant', async () => {
    const web = { podLabels: { app: 'web' } };
    expect(await sample('container', web)).toBe(1);
    expect(await sample('container', { ...web, measure: 'restarts' })).toBe(5);
    expect(await sample('container', { ...web, measure: 'memoryBytes' })).toBe(1_000);
    expect(await sample('container', { pod: 'web-2' })).toBe(0);
    expect(await sample('container', { pod: 'web-1', container: 'side' })).toBe(0);
    await expect(sample('container', { pod: 'gone', measure: 'restarts' })).rejects.toThrow(
      'no such',
    );
  });

  it('takes the share of a processor between two samples', async () => {
    const source = open('container', { pod: 'web-1', measure: 'cpuPercent' });
    await expect(source.sample(signal)).rejects.toThrow('no earlier sample');
    await clock.advance(2_000);
    cpuSeconds += 0.5;
    expect(await source.sample(signal)).toBe(25);
  });
});

describe('of logs', () => {
  it('a file counts what was written within the span, over its rotation', async () => {
    const path = join(root, 'plant.log');
    await writeFile(path, 'ERROR before\n');
    await utimes(path, clock.now() / 1_000, clock.now() / 1_000);
    const lines = logFile(path, clock);
    const since = (ms: number): Promise<string[]> => lines(clock.now() - ms, signal);
    expect(await since(10_000)).toEqual(['ERROR before']);
    await clock.advance(8_000);
    await appendFile(path, 'fine\nERROR half a li');
    expect(await since(10_000)).toEqual(['ERROR before', 'fine']);
    await clock.advance(5_000);
    await appendFile(path, 'ne\n');
    expect(await since(10_000)).toEqual(['fine', 'ERROR half a line']);
    await rename(path, `${path}.1`);
    const old = new Date(clock.now() - 60_000).toISOString();
    await writeFile(path, `[${old}] ERROR long ago\nERROR anew\n`);
    expect(await since(10_000)).toEqual(['fine', 'ERROR half a line', 'ERROR anew']);
    await rm(path);
    await expect(since(10_000)).rejects.toThrow('cannot be read: ENOENT');
  });

  it('a file without ends of lines costs no more memory, however it grows', async () => {
    await writeFile(join(root, 'app.log'), 'x'.repeat(10_000));
    const lines = logFile(join(root, 'app.log'), clock);
    expect(await lines(clock.now() - 60_000, signal)).toEqual([]);
    await appendFile(join(root, 'app.log'), `${'y'.repeat(10)}\n`);
    const [line] = await lines(clock.now() - 60_000, signal);
    expect(line).toHaveLength(maxLineLength + 10);
  });

  it('are counted by a pattern, and shown as evidence', async () => {
    const file = join(root, 'plant.log');
    await writeFile(file, Array.from({ length: 9 }, (_, n) => `E${n}\nfine\n`).join(''));
    await utimes(file, clock.now() / 1_000, clock.now() / 1_000);
    const source = open('log', { file, pattern: '^E\\d' });
    expect(await source.sample(signal)).toBe(9);
    expect(await source.evidence?.(signal)).toEqual(['E4', 'E5', 'E6', 'E7', 'E8']);
    expect(() => open('log', { file, pattern: '(' })).toThrow('source.log.pattern');
    expect(() => open('log', { file, journal: 'x', pattern: 'x' })).toThrow('exactly one of');
  });

  it('are given up where a pattern would never end', () => {
    const matching = matcherOf('^(a+)+$', 'pattern');
    expect(matching(['aaa', 'b'])).toEqual(['aaa']);
    expect(() => matching([`${'a'.repeat(60)}b`])).toThrow('backtracks too much');
  });
});

it('the offset of a clock is half the difference of both ways', () => {
  const answer = Buffer.alloc(48);
  answer[1] = 2;
  const at = (offset: number, ms: number): void => {
    answer.writeUInt32BE(Math.floor(ms / 1_000) + 2_208_988_800, offset);
    answer.writeUInt32BE(Math.round(((ms % 1_000) / 1_000) * 2 ** 32), offset + 4);
  };
  at(32, 1_000_500);
  at(40, 1_000_500);
  expect(offsetOf(answer, 1_000_000, 1_000_200)).toBeCloseTo(400, 3);
  expect(() => offsetOf(Buffer.alloc(48), 0, 0)).toThrow('does not know the time');
});

it('a time server that cannot be reached at all is no sample, and nothing worse', async () => {
  const everybody = '255.255.255.255'; // which the kernel refuses to connect to
  await expect(sample('clockOffset', { server: everybody })).rejects.toThrow(everybody);
});
