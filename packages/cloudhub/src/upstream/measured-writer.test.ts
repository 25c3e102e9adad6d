import { openMetrics } from '@skerry/shared/metrics';
import { nodeName } from '@skerry/shared/names';
import { keyOf } from '@skerry/shared/testing/changes';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import { expect, it } from 'vitest';
import { measuredWriter } from './measured-writer.ts';
import { accepted } from './report-writer.ts';

it('tells how long each write took, and what became of it', async () => {
  const clock = new ManualClock();
  const metrics = openMetrics('skerry_hub');
  let isDown = false;
  const write = measuredWriter(
    async () => {
      await clock.advance(250);
      if (isDown) throw new Error('no API server');
      return accepted;
    },
    { metrics, clock },
  );
  const submission = { node: nodeName('edge-1'), key: keyOf('a'), payload: {} };
  const { signal } = new AbortController();
  expect(await write(submission, signal)).toBe(accepted);
  isDown = true;
  await expect(write(submission, signal)).rejects.toThrow('no API server');
  const [resource] = submission.key.split('/');
  expect(await metrics.samples('skerry_hub_upstream_write_seconds_sum')).toEqual([
    { labels: { resource, outcome: 'accepted' }, value: 0.25 },
    { labels: { resource, outcome: 'failed' }, value: 0.25 },
  ]);
});
