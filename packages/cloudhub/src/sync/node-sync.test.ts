import { nodeName, objectKey, uid, version } from '@skerry/shared/names';
import { describe, expect, it } from 'vitest';
import { pods } from '../kube/resource.ts';
import type { SessionView } from '../session/session-parts.ts';
import {
  hasFlipped,
  isUnmoved,
  nodeSyncStatus,
  saysTheSame,
  type NodeSyncStatus,
} from './node-sync.ts';

const hub = { hub: 'hub-1', now: 60_000 };
const level: SessionView = {
  node: nodeName('edge-1'),
  id: 's-1',
  phase: 'streaming',
  pending: 0,
  inflight: 0,
  oldestMs: undefined,
  lastAckAt: 5_000,
  unapplied: 0,
  refused: 0,
  dead: () => [],
  digest: () => Uint8Array.of(0xab, 0x01),
};
const letter = {
  key: objectKey(pods.name, 'default', 'web'),
  uid: uid('u'),
  version: version('7'),
  code: 'name.malformed',
  reason: 'no',
  at: 1_000,
};
const refusing = { refused: 1, dead: () => [letter] };
const conditions = ({ conditions: all }: NodeSyncStatus): string[] =>
  all.map(({ type, status, reason }) => `${type}=${status} ${reason}`);

describe('a NodeSync', () => {
  it('says that a node is level', () => {
    const status = nodeSyncStatus(level, undefined, hub);
    expect(status).toMatchObject({
      connected: true,
      inSync: true,
      pending: 0,
      lastAckTime: '1970-01-01T00:00:05Z',
      digest: 'ab01',
      hub: 'hub-1',
      session: 's-1',
    });
    expect(conditions(status)).toEqual([
      'Connected=True Session',
      'InSync=True Level',
      'Applied=True Done',
      'Accepted=True NothingRefused',
    ]);
  });

  it('tells what is on its way from what is held and not acted upon', () => {
    const busy = { ...level, pending: 3, inflight: 2, oldestMs: 4_200, unapplied: 6 };
    const status = nodeSyncStatus(busy, undefined, hub);
    expect(status).toMatchObject({
      inSync: false,
      pending: 5,
      oldestPendingSeconds: 4,
      unapplied: 6,
    });
    expect(conditions(status).slice(1, 3)).toEqual([
      'InSync=False Behind',
      'Applied=False Working',
    ]);
  });

  it('names what the node refused', () => {
    const status = nodeSyncStatus({ ...level, ...refusing }, undefined, hub);
    expect(status.deadLetterCount).toBe(1);
    expect(status.deadLetters).toEqual([
      {
        object: 'pods/default/web',
        version: '7',
        code: 'name.malformed',
        reason: 'no',
        time: '1970-01-01T00:00:01Z',
      },
    ]);
    expect(conditions(status)[3]).toBe('Accepted=False Refused');
  });

  it('does not show a node without a session as level, and keeps what it acknowledged last', () => {
    const before = nodeSyncStatus(level, undefined, hub);
    const status = nodeSyncStatus(undefined, before, { ...hub, now: 90_000 });
    expect(status).toMatchObject({
      connected: false,
      inSync: false,
      session: null,
      digest: 'ab01',
      lastAckTime: '1970-01-01T00:00:05Z',
    });
    expect(status.conditions.map(({ lastTransitionTime }) => lastTransitionTime)).toEqual([
      '1970-01-01T00:01:30Z',
      '1970-01-01T00:01:30Z',
      '1970-01-01T00:01:00Z',
      '1970-01-01T00:01:00Z',
    ]);
  });

  it('is written at once when a node comes, goes, is level, or refuses', () => {
    const before = nodeSyncStatus(level, undefined, hub);
    const next = (view: SessionView | undefined): NodeSyncStatus =>
      nodeSyncStatus(view, before, hub);
    expect(hasFlipped(undefined, before)).toBe(true);
    expect(hasFlipped(before, next(undefined))).toBe(true);
    expect(hasFlipped(before, next({ ...level, pending: 1 }))).toBe(true);
    expect(hasFlipped(before, next({ ...level, ...refusing }))).toBe(true);
    expect(hasFlipped(before, next({ ...level, lastAckAt: 9_000, unapplied: 1 }))).toBe(false);
    expect(saysTheSame(before, next(level))).toBe(true);
    expect(saysTheSame(before, next({ ...level, unapplied: 1 }))).toBe(false);
  });

  it('is not looked at again while its session has nothing to tell', () => {
    expect(isUnmoved(undefined, level)).toBe(false);
    expect(isUnmoved(level, { ...level })).toBe(true);
    const moved: Partial<SessionView>[] = [
      { id: 's-2' },
      { phase: 'comparing' },
      { pending: 1 },
      { inflight: 1 },
      { lastAckAt: 5_001 },
      { unapplied: 1 },
      { refused: 1 },
    ];
    for (const step of moved) {
      expect(isUnmoved(level, { ...level, ...step })).toBe(false);
      expect(isUnmoved({ ...level, ...step }, level)).toBe(false);
    }
  });
});
