import { uid } from '@skerry/shared/names';
import { describe, expect, it } from 'vitest';
import {
  afterPod,
  beyondHistory,
  isUnderWay,
  runName,
  type JobRun,
  type JobState,
} from './job-run.ts';

const run = (state: JobState = { phase: 'active' }, more: Partial<JobRun> = {}): JobRun => ({
  name: 'tidy-1',
  uid: uid('u'),
  scheduledAt: 0,
  startedAt: 0,
  failures: 0,
  pod: 'tidy-1-0',
  state,
  ...more,
});

describe('afterPod', () => {
  it.each([
    ['Running', { phase: 'active' }],
    ['Succeeded', { phase: 'complete', finishedAt: 7 }],
    ['Failed', { phase: 'waiting', at: 10_007 }],
  ] as const)('that is %s', (phase, state) => {
    expect(afterPod(run(), phase, 6, 7).state).toEqual(state);
  });

  it('tries again ever later, and gives up', () => {
    const delays: (number | string)[] = [];
    let last = run();
    while (isUnderWay(last)) {
      last = afterPod({ ...last, state: { phase: 'active' } }, 'Failed', 6, 0);
      const { state } = last;
      delays.push(state.phase === 'waiting' ? state.at / 1000 : JSON.stringify(state));
    }
    expect(delays).toEqual([
      10,
      20,
      40,
      80,
      160,
      320,
      '{"phase":"failed","finishedAt":0,"reason":"BackoffLimitExceeded"}',
    ]);
  });

  it('changes nothing of what has ended', () => {
    const ended = run({ phase: 'complete', finishedAt: 3 });
    expect(afterPod(ended, 'Failed', 6, 9)).toBe(ended);
  });
});

describe('beyondHistory', () => {
  it('keeps the newest of each kind, and whatever is under way', () => {
    const runs = [
      run({ phase: 'complete', finishedAt: 0 }, { name: 'c1', scheduledAt: 1 }),
      run({ phase: 'complete', finishedAt: 0 }, { name: 'c3', scheduledAt: 3 }),
      run({ phase: 'failed', finishedAt: 0, reason: 'x' }, { name: 'f2', scheduledAt: 2 }),
      run({ phase: 'active' }, { name: 'a0', scheduledAt: 0 }),
    ];
    const names = (limits: { successful: number; failed: number }): string[] =>
      beyondHistory(runs, limits).map(({ name }) => name);
    expect(names({ successful: 3, failed: 1 })).toEqual([]);
    expect(names({ successful: 1, failed: 0 })).toEqual(['c1', 'f2']);
    expect(names({ successful: 0, failed: 1 })).toEqual(['c1', 'c3']);
  });
});

describe('runName', () => {
  it('is the one that Kubernetes gives', () => {
    expect(runName('tidy', Date.UTC(2026, 0, 1, 0, 10))).toBe('tidy-29453770');
  });
});
