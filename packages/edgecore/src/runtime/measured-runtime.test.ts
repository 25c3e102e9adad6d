import { describe, expect, it } from 'vitest';
import { systemClock } from '@skerry/shared/clock';
import { openMetrics } from '@skerry/shared/metrics';
import { ManualClock } from '@skerry/shared/testing/manual-clock';
import type { ContainerRuntime } from './container-runtime.ts';
import { measuredRuntime } from './measured-runtime.ts';
import { FakeMachine, FakeRuntime } from './testing/fake-runtime.ts';
import { fakeRuntimeUnderTest } from './testing/fake-runtime-under-test.ts';
import { runtimeContract } from './testing/runtime-contract.ts';

runtimeContract('measured', () => {
  const measured = measuredRuntime({ metrics: openMetrics('skerry_edge'), clock: systemClock });
  return fakeRuntimeUnderTest(measured);
});

describe('a measured runtime', () => {
  const stop = new AbortController();

  it('tells how long each operation took, and whether it was done', async () => {
    const clock = new ManualClock();
    const metrics = openMetrics('skerry_edge');
    const machine = new FakeMachine(clock);
    const runtime = new FakeRuntime(machine);
    const slow: ContainerRuntime = Object.assign(runtime, {
      version: async () => {
        await clock.advance(250);
        return { version: '1' };
      },
    });
    const measured = measuredRuntime({ metrics, clock })(slow);
    await measured.version(stop.signal);
    machine.outage = 'the engine is ill';
    await expect(measured.images(stop.signal)).rejects.toThrow('the engine is ill');
    const sums = await metrics.samples('skerry_edge_runtime_operation_seconds_sum');
    const labels = { runtime: 'fake', operation: 'version', outcome: 'ok' };
    expect(sums).toContainEqual({ labels, value: 0.25 });
    const failed = { runtime: 'fake', operation: 'list_images', outcome: 'error' };
    expect(sums).toContainEqual({ labels: failed, value: 0 });
  });
});
