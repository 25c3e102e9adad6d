import { silentLog } from '@skerry/shared/log';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ExecFailed } from '../runtime/runtime-errors.ts';
import type { Ask } from './ask.ts';
import type { Answer } from './check.ts';
import { Prober, firstDelay, type ProbeSubject, type ProbeTarget } from './prober.ts';

const second = 1000;

describe('Prober', () => {
  let clock: ManualClock;
  let prober: Prober;
  let stop: AbortController;
  /** `12s main liveness` of every question, and `12s main liveness failure` of every verdict. */
  let heard: string[];
  /** What containers answer, by name. */
  let answers: Map<string, () => Answer | Promise<Answer>>;

  const at = (): string => `${clock.monotonic() / second}s`;
  const ask: Ask = (_check, { id }, signal) => {
    heard.push(`${at()} ask ${id}`);
    signal.throwIfAborted();
    return Promise.resolve(answers.get(id)?.() ?? { result: 'success', message: '' });
  };
  const subject: ProbeSubject = {
    runtime: { execSync: () => Promise.reject(new ExecFailed('not asked')) },
    turned: ({ id, kind }, verdict) => heard.push(`${at()} ${id} ${kind} ${verdict}`),
    heard: ({ id }, { result, message }) => heard.push(`${at()} ${id}: ${result} ${message}`),
  };
  const target = (wish: Partial<ProbeTarget> = {}): ProbeTarget => ({
    id: 'main',
    container: 'main',
    kind: 'readiness',
    check: { type: 'tcp', host: '192.0.2.1', port: 80 },
    initialDelayMs: 0,
    periodMs: 10 * second,
    timeoutMs: second,
    thresholds: { success: 1, failure: 3 },
    startedAt: clock.now(),
    ...wish,
  });
  const follow = (...targets: ProbeTarget[]): void =>
    prober.follow('web', targets, subject, stop.signal);
  const fails = (id = 'main', message = 'no'): void =>
    void answers.set(id, () => ({ result: 'failure', message }));
  const after = async (seconds: number): Promise<string[]> => {
    heard.splice(0);
    await clock.advance(seconds * second);
    return heard.splice(0);
  };

  beforeEach(() => {
    clock = new ManualClock();
    stop = new AbortController();
    heard = [];
    answers = new Map();
    prober = new Prober({ clock, random: () => 0, ask, log: silentLog });
  });
  afterEach(async () => {
    stop.abort();
    await prober.settled();
  });

  it('asks every period, and tells of verdicts only when they turn', async () => {
    follow(target());
    expect(await after(25)).toEqual([
      '0s ask main',
      '0s main readiness success',
      '10s ask main',
      '20s ask main',
    ]);
  });

  it('waits for the initial delay, counted from the start of the container', async () => {
    follow(target({ initialDelayMs: 5 * second, startedAt: clock.now() - 2 * second }));
    expect(await after(4)).toEqual(['3s ask main', '3s main readiness success']);
  });

  it('asks a dead container no more', async () => {
    fails();
    follow(target({ kind: 'liveness' }));
    expect(await after(60)).toEqual([
      '0s ask main',
      '0s main: failure no',
      '10s ask main',
      '10s main: failure no',
      '20s ask main',
      '20s main: failure no',
      '20s main liveness failure',
    ]);
    follow(target({ kind: 'liveness' }));
    expect(await after(60)).toEqual([]);
    follow(target({ kind: 'liveness', id: 'next', startedAt: clock.now() }));
    expect(await after(5)).toEqual(['120s ask next', '120s next liveness success']);
  });

  it('asks an unready container on, until it is ready', async () => {
    fails();
    follow(target({ thresholds: { success: 1, failure: 1 } }));
    expect(await after(15)).toHaveLength(5);
    answers.clear();
    expect(await after(10)).toEqual(['20s ask main', '20s main readiness success']);
  });

  it('takes nothing from an answer that says nothing about the container', async () => {
    answers.set('main', () => ({ result: 'unknown', message: 'no engine' }));
    follow(target({ kind: 'liveness', thresholds: { success: 1, failure: 1 } }));
    expect(await after(5)).toEqual(['0s ask main', '0s main: unknown no engine']);
  });

  it('lets no container wait for another one’s answer, and makes up for one missed tick', async () => {
    const well = { result: 'success', message: '' } as const;
    const pending: ((answer: Answer) => void)[] = [];
    answers.set('slow', () => new Promise<Answer>((resolve) => void pending.push(resolve)));
    follow(target({ id: 'slow' }), target({ id: 'quick' }));
    expect((await after(35)).filter((line) => line.includes('ask'))).toEqual([
      '0s ask slow',
      '0s ask quick',
      '10s ask quick',
      '20s ask quick',
      '30s ask quick',
    ]);
    pending.shift()?.(well);
    expect((await after(4)).filter((line) => line.includes('ask'))).toEqual(['35s ask slow']);
    pending.shift()?.(well);
  });

  it('stops asking whom nobody asks about any more', async () => {
    follow(target(), target({ id: 'other' }));
    await after(5);
    follow(target({ id: 'other' }));
    expect(await after(10)).toEqual(['10s ask other']);
    prober.forget('web');
    expect(await after(30)).toEqual([]);
    await prober.settled();
  });

  it('goes on from what an earlier agent has found out', async () => {
    fails();
    follow(target({ held: 'success', thresholds: { success: 1, failure: 2 } }));
    expect((await after(5)).some((line) => line.includes('readiness failure'))).toBe(false);
    expect((await after(10)).at(-1)).toBe('10s main readiness failure');
  });

  it('asks where the container is now', async () => {
    const asked: unknown[] = [];
    prober = new Prober({
      clock,
      random: () => 0,
      log: silentLog,
      ask: (check) => {
        asked.push(check);
        return Promise.resolve({ result: 'success', message: '' });
      },
    });
    follow(target());
    await clock.advance(0);
    follow(target({ check: { type: 'tcp', host: '192.0.2.2', port: 80 } }));
    await clock.advance(10 * second);
    expect(asked).toMatchObject([{ host: '192.0.2.1' }, { host: '192.0.2.2' }]);
  });
});

describe('firstDelay', () => {
  const now = 1_000_000;
  const delay = (wish: Partial<ProbeTarget>, random = 1): number =>
    firstDelay(
      {
        id: 'main',
        container: 'main',
        kind: 'readiness',
        check: { type: 'exec', command: [] },
        initialDelayMs: 0,
        periodMs: 10_000,
        timeoutMs: 1000,
        thresholds: { success: 1, failure: 3 },
        startedAt: now,
        ...wish,
      },
      now,
      random,
    );

  it.each([
    ['a new container soon whether it is ready', {}, 1000],
    ['a new container within a period whether it lives', { kind: 'liveness' }, 10_000],
    ['a container that has long run within a period', { startedAt: now - 60_000 }, 10_000],
    ['within a period that is short', { periodMs: 500 }, 500],
    ['after the initial delay', { initialDelayMs: 30_000 }, 31_000],
    [
      'after what is left of the delay',
      { initialDelayMs: 30_000, startedAt: now - 20_000 },
      11_000,
    ],
    ['in time by a clock that was set back', { startedAt: now + 3_600_000 }, 1000],
  ] as const)('asks %s', (_, wish, expected) => {
    expect(delay(wish)).toBe(expected);
  });

  it('spreads probes by chance', () => {
    expect(delay({ kind: 'liveness' }, 0.25)).toBe(2500);
  });
});
