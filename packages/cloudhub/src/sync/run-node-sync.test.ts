import { silentLog } from '@skerry/shared/log';
import { nodeName, objectKey, type Uid, type Version } from '@skerry/shared/names';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Forbidden } from '../kube/kube-errors.ts';
import { nodes, nodeSyncs } from '../kube/resource.ts';
import { FakeKube } from '../kube/testing/fake-kube.ts';
import { Placement } from '../route/placement.ts';
import type { SessionView } from '../session/session-parts.ts';
import {
  countsPerLook,
  lookEveryMs,
  returnGraceMs,
  runNodeSync,
  turnsPerLook,
  writeEveryMs,
} from './run-node-sync.ts';

const node = nodeName('edge-1');
const level: SessionView = {
  node,
  id: 's-1',
  phase: 'streaming',
  pending: 0,
  inflight: 0,
  oldestMs: undefined,
  lastAckAt: undefined,
  unapplied: 0,
  refused: 0,
  dead: () => [],
  digest: () => undefined,
};

let api: FakeKube;
let clock: ManualClock;
let views: SessionView[];
let stop: AbortController;
let running: Promise<void>;
let placement: Placement;

const start = (): void => {
  stop = new AbortController();
  const parts = { api, placement, views: () => views, hub: 'hub-1', clock, log: silentLog };
  running = runNodeSync(parts, stop.signal).catch(() => undefined);
};
const end = (): Promise<void> => {
  stop.abort(new Error('done'));
  return running;
};
const pass = async (ms: number): Promise<void> => {
  for (let left = ms; left > 0; left -= lookEveryMs) {
    await settle();
    await clock.advance(lookEveryMs);
  }
  await settle();
};
const status = (): unknown => api.read(`${nodeSyncs.name}//edge-1`)?.status;
const writes = (): number => api.calls.filter(({ call }) => call === 'patch').length;

beforeEach(() => {
  [api, clock, views] = [new FakeKube(), new ManualClock(), [level]];
  placement = new Placement([nodes.name]);
  const key = objectKey(nodes.name, '', node);
  const [uid, version] = ['u' as Uid, 1n as Version];
  const held = { key, uid, version, object: Buffer.from('{}'), routing: { node, refers: [] } };
  placement.snapshot(nodes.name, [held], version);
  start();
});
afterEach(end);

describe('the NodeSyncs of a hub', () => {
  it('come with their nodes', async () => {
    await pass(2 * lookEveryMs);
    expect(status()).toMatchObject({ connected: true, inSync: true, hub: 'hub-1' });
  });

  it('are written at once when something turns, and else every ten seconds at most', async () => {
    await pass(2 * lookEveryMs);
    const before = writes();
    views = [{ ...level, unapplied: 1 }];
    await pass(writeEveryMs / 2);
    expect(writes()).toBe(before);
    await pass(writeEveryMs);
    expect(writes()).toBe(before + 1);
    views = [{ ...level, pending: 1 }];
    await pass(lookEveryMs);
    expect(status()).toMatchObject({ inSync: false, pending: 1 });
  });

  it('say that a node is gone, also after the hub was started again', async () => {
    await pass(2 * lookEveryMs);
    await end();
    views = [];
    start();
    await pass(returnGraceMs / 2);
    expect(status()).toMatchObject({ connected: true });
    await pass(returnGraceMs);
    expect(status()).toMatchObject({ connected: false, inSync: false });
  });

  it('are left to another hub once the node is connected there', async () => {
    await pass(2 * lookEveryMs);
    const there = { connected: true, hub: 'hub-2' };
    api.put(nodeSyncs, { metadata: { name: 'edge-1' }, status: there });
    views = [];
    await pass(returnGraceMs + 2 * lookEveryMs);
    expect(status()).toEqual(there);
  });

  it('go with their nodes', async () => {
    await pass(2 * lookEveryMs);
    placement.snapshot(nodes.name, [], 5n as Version);
    views = [];
    await pass(returnGraceMs + 2 * lookEveryMs);
    expect(status()).toBeUndefined();
  });

  it('are written a few at a time, those that turned first, until every node had its turn', async () => {
    const many = Array.from({ length: 3 * turnsPerLook }, (_, n) => ({
      ...level,
      node: nodeName(`many-${n}`),
    }));
    await end();
    [api, views] = [new FakeKube(), many];
    start();
    const told = (): string[] => [
      ...new Set(api.calls.filter(({ call }) => call === 'patch').map(({ key }) => key)),
    ];
    await pass(lookEveryMs);
    expect(told()).toHaveLength(turnsPerLook);
    await pass(2 * lookEveryMs);
    expect(told()).toHaveLength(many.length);

    await pass(writeEveryMs);
    views = many.map((view, n) => ({ ...view, unapplied: 1, refused: n === 299 ? 1 : 0 }));
    api.calls.length = 0;
    await pass(lookEveryMs);
    expect(told()[0]).toContain('many-299');
    expect(told()).toHaveLength(1 + countsPerLook);
    await pass((many.length / countsPerLook - 1) * lookEveryMs);
    expect(told()).toHaveLength(many.length);
  });

  it('wait for a cluster that refuses them', async () => {
    api.fault = (_call, key) => (key.startsWith(nodeSyncs.name) ? new Forbidden('no') : undefined);
    await pass(3 * lookEveryMs);
    const refused = api.calls.length;
    await pass(writeEveryMs / 2);
    expect(api.calls.length).toBe(refused);
    api.fault = () => undefined;
    await pass(2 * writeEveryMs);
    expect(status()).toMatchObject({ connected: true });
  });
});
