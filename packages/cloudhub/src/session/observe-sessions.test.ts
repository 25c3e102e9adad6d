import { expect, it } from 'vitest';
import { openMetrics } from '@skerry/shared/metrics';
import { nodeName } from '@skerry/shared/names';
import { countSessions, measureSessions, shownLaggards } from './observe-sessions.ts';
import type { SessionView } from './session-parts.ts';

function view(name: string, oldestMs: number | undefined): SessionView {
  return {
    ...{ node: nodeName(name), id: name, phase: 'streaming', pending: 1, inflight: 2, oldestMs },
    ...{ lastAckAt: undefined, unapplied: 3, refused: 0, dead: () => [], digest: () => undefined },
  };
}

it('names only the nodes that lag most, however many there are', async () => {
  const metrics = openMetrics('skerry_hub');
  const views = Array.from({ length: 100 }, (_, n) => view(`edge-${n}`, n * 1_000));
  measureSessions(metrics, () => [...views, view('level', undefined)]);
  const shown = await metrics.samples('skerry_hub_node_sync_lag_seconds');
  expect(shown).toHaveLength(shownLaggards);
  expect(shown[0]).toEqual({ labels: { node: 'edge-99' }, value: 99 });
  expect(await metrics.samples('skerry_hub_sync_lag_seconds')).toEqual([{ labels: {}, value: 99 }]);
  expect(await metrics.samples('skerry_hub_nodes_behind')).toEqual([{ labels: {}, value: 100 }]);
  expect(await metrics.samples('skerry_hub_unapplied_objects')).toEqual([
    { labels: {}, value: 303 },
  ]);
});

it('counts acks in seconds', async () => {
  const metrics = openMetrics('skerry_hub');
  countSessions(metrics).acked(1_500);
  expect(await metrics.samples('skerry_hub_ack_seconds_sum')).toEqual([{ labels: {}, value: 1.5 }]);
});
