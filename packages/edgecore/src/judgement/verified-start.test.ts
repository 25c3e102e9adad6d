import { ManualClock } from '@skerry/shared/testing/manual-clock';
import type { Log } from '@skerry/shared/log';
import { behind } from '@skerry/shared/supervise';
import { beforeEach, describe, expect, it } from 'vitest';
import { JudgementBoard } from './judgement-board.ts';
import type { JudgementSpec } from './judgement-spec.ts';
import { verifiedStart, verifyBackoff } from './verified-start.ts';
import type { Verdict } from './verdict.ts';
import type { Verification } from './verifier.ts';

describe('a verified start', () => {
  let clock: ManualClock;
  let board: JudgementBoard;
  let said: string[];
  let events: string[];
  let verdict: Verdict;
  let awaited: readonly JudgementSpec[];
  const stop = new AbortController();

  const log = (() => {
    const note = (_: object, message: string): void => void said.push(message);
    return { info: note, warn: note } as unknown as Log;
  })();
  const found = (): Verification => ({
    ...{ judgement: 'gate', verdict, z: 0, at: 0, results: ['disk#02@1'], units: [] },
    why: verdict === 'Ready' ? '' : 'disk is 02: measured 3',
    logs: [{ unit: 'errors', lines: ['ERROR: no paper'] }],
  });
  const begin = (): Promise<void> => {
    const started = verifiedStart(
      {
        awaited: () => Promise.resolve(awaited),
        verify: () => Promise.resolve(found()),
        ...{ board, clock, log },
        reports: {
          event: (...event) => {
            events.push(event.join(' '));
            return Promise.resolve();
          },
        },
      },
      stop.signal,
    );
    const service = behind(started, () => {
      said.push('a service begins');
      return Promise.resolve();
    });
    return service(stop.signal);
  };
  beforeEach(() => {
    clock = new ManualClock();
    board = new JudgementBoard();
    [said, events, verdict] = [[], [], 'Ready'];
    awaited = [{ name: 'gate' } as JudgementSpec];
  });

  it('asks, reports and exits before any service begins', async () => {
    await begin();
    expect(said).toEqual([
      'verifier started',
      'verifier status query',
      'verifier log query',
      'verifier report',
      'verifier exited',
      'services start',
      'a service begins',
    ]);
    expect(board.start).toMatchObject({ phase: 'started', attempts: 1 });
    expect(events).toEqual([]);
  });

  it('is held back while something is Blocked, ever longer, and says why', async () => {
    verdict = 'Blocked';
    const begun = begin();
    await clock.advance(0);
    expect(board.start).toMatchObject({
      phase: 'held',
      attempts: 1,
      why: 'gate is Blocked: disk is 02: measured 3',
    });
    const { since } = board.start;
    const attempts: number[] = [];
    for (let n = 0; n < 8; n++) {
      await clock.advance(verifyBackoff.firstMs);
      attempts.push(board.start.attempts);
    }
    expect(attempts).toEqual([2, 2, 3, 3, 3, 3, 4, 4]);
    expect(board.start.since).toBe(since);
    expect(said).not.toContain('a service begins');
    expect(events[0]).toBe(
      'Warning StartBlocked held back: gate is Blocked: disk is 02: measured 3',
    );
    verdict = 'Ready';
    await clock.advance(verifyBackoff.maxMs);
    await begun;
    expect(said.at(-1)).toBe('a service begins');
    expect(events.at(-1)).toMatch(/^Normal StartVerified/);
  });

  it('begins with a warning where something is Degraded', async () => {
    verdict = 'Degraded';
    await begin();
    expect(said.at(-1)).toBe('a service begins');
    expect(events).toEqual(['Warning StartDegraded gate is Degraded: disk is 02: measured 3']);
  });

  it('begins at once where nothing is to be verified', async () => {
    awaited = [];
    await begin();
    expect(said).toEqual(['services start', 'a service begins']);
    expect(board.start).toMatchObject({ phase: 'started', attempts: 0 });
  });
});
