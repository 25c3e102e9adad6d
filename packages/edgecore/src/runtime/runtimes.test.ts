import { tmpdir } from 'node:os';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Runtimes, machineRuntimes, type RuntimesNews } from './runtimes.ts';
import { RuntimeUnavailable } from './runtime-errors.ts';
import { FakeMachine, FakeRuntime } from './testing/fake-runtime.ts';

describe('Runtimes', () => {
  let clock: ManualClock;
  let engine: FakeMachine;
  let runtimes: Runtimes;
  let absence: RuntimeUnavailable | undefined;
  let stop: AbortController;
  let ended: Promise<void>;
  let news: RuntimesNews[];

  beforeEach(() => {
    clock = new ManualClock();
    engine = new FakeMachine(clock);
    absence = undefined;
    runtimes = new Runtimes(
      [
        {
          name: 'docker',
          open: () =>
            absence ? Promise.reject(absence) : Promise.resolve(new FakeRuntime(engine)),
        },
        { name: 'process', open: () => Promise.resolve(new FakeRuntime(new FakeMachine(clock))) },
      ],
      { clock, log: silentLog },
    );
    news = [];
    runtimes.listen((one) => news.push(one));
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await ended;
  });
  const start = async (): Promise<void> => {
    ended = runtimes.run(stop.signal);
    await clock.advance(0);
  };
  const phases = (): string[] => [...runtimes.health().values()].map(({ phase }) => phase);
  const refusal = (name?: string): string => {
    const selection = runtimes.select(name);
    return selection.do === 'refuse' ? selection.message : selection.do;
  };

  it('chooses by runtimeClassName, the engine where there is none', async () => {
    expect(runtimes.select(undefined)).toEqual({ do: 'wait' });
    await start();
    expect(phases()).toEqual(['ready', 'ready']);
    const [docker, process] = runtimes.ready();
    expect(runtimes.select(undefined)).toEqual({ do: 'run', runtime: docker });
    expect(runtimes.select('process')).toEqual({ do: 'run', runtime: process });
    expect(refusal('kata')).toBe(
      'RuntimeClass "kata" not found on this node; it has: docker, process',
    );
  });

  it('says where it looked for an engine that is not there, and what to do', async () => {
    absence = new RuntimeUnavailable('no container engine at unix:///x', { absent: true });
    await start();
    expect(phases()).toEqual(['absent', 'ready']);
    expect(refusal()).toBe(
      'no container engine at unix:///x; start one, or give the pod runtimeClassName: process to run its command as a process of this machine',
    );
  });

  it('finds an engine that comes, and goes on looking with growing delays', async () => {
    absence = new RuntimeUnavailable('none', { absent: true });
    await start();
    await clock.advance(60_000);
    absence = undefined;
    await clock.advance(10_000);
    expect(phases()).toEqual(['ready', 'ready']);
    expect(news.filter(({ type }) => type === 'health')).toHaveLength(3);
  });

  it('tells an engine that was there from one that never was', async () => {
    await start();
    absence = new RuntimeUnavailable('gone', { absent: true });
    for (const listener of engine.listeners) listener(undefined);
    await clock.advance(1000);
    expect(phases()).toEqual(['ill', 'ready']);
    expect(refusal()).toContain('gone');
    absence = undefined;
    await clock.advance(10_000);
    expect(phases()).toEqual(['ready', 'ready']);
  });

  it('takes an engine that answers badly for ill', async () => {
    engine.outage = 'permission denied';
    await start();
    expect(phases()).toEqual(['ill', 'ready']);
  });

  it('passes on what the runtimes tell', async () => {
    await start();
    const pod = { uid: 'u', namespace: 'default', name: 'web' } as never;
    engine.tell({ type: 'exited', pod });
    await clock.advance(0);
    const [runtime] = runtimes.ready();
    expect(news.at(-1)).toEqual({ type: 'event', runtime, event: { type: 'exited', pod } });
  });
});

describe('machineRuntimes', () => {
  it('does not need an engine to be there', async () => {
    const clock = new ManualClock();
    const stop = new AbortController();
    const runtimes = machineRuntimes({
      dockerAddress: `unix://${tmpdir()}/no-such-engine.sock`,
      owner: 'edge-1',
      seccompDir: tmpdir(),
      processStateDir: '/dev/null/none',
      hostAddress: () => undefined,
      clock,
      metrics: noMetrics,
      log: silentLog,
    });
    const told = new Promise<void>((resolve) => {
      runtimes.listen(() => {
        if ([...runtimes.health().values()].every(({ phase }) => phase !== 'starting')) resolve();
      });
    });
    const ended = runtimes.run(stop.signal);
    await told;
    expect(runtimes.health().get('docker')?.phase).toBe('absent');
    expect(runtimes.health().get('process')?.phase).toBe('ill');
    stop.abort();
    await ended;
  });
});
