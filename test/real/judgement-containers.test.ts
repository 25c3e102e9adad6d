import type { JsonObject } from '@skerry/apiserver/json';
import { Fields } from '@skerry/edgecore/judgement/fields';
import type { SourceType } from '@skerry/edgecore/judgement/judgement-spec';
import { sources } from '@skerry/edgecore/judgement/sources/sources';
import type { Source, SourceParts } from '@skerry/edgecore/judgement/sources/source';
import { systemClock } from '@skerry/shared/clock';
import { describe, expect, it } from 'vitest';
import { useDockerPods } from '../support/docker-pods.ts';
import { eventually } from '../support/eventually.ts';

const { signal } = new AbortController();

describe('units of containers on a Docker engine', () => {
  const pods = useDockerPods();
  const open = (type: SourceType, settings: JsonObject, aheadMs = 0): Source => {
    const parts: Partial<SourceParts> = {
      clock: { ...systemClock, now: () => systemClock.now() + aheadMs },
      runtimes: { health: () => new Map(), ready: () => [pods.runtime] },
    };
    return sources[type](new Fields(settings, `source.${type}`), parts as SourceParts);
  };
  const sample = async (
    type: SourceType,
    settings: JsonObject,
    aheadMs?: number,
  ): Promise<number> => open(type, settings, aheadMs).sample(signal);

  it('count the lines that one wrote within the span, to either stream, and show them', async () => {
    pods.hold({
      containers: [
        pods.sh('echo ERROR one; echo fine; echo ERROR two >&2; echo done; exec sleep 1000'),
        pods.sh('echo ERROR of another; exec sleep 1000', { name: 'side' }),
      ],
    });
    await pods.until(({ state }) => state.running !== undefined, 'side');
    await pods.log((line) => line === 'done');
    await pods.log((line) => line === 'ERROR of another', 'side');
    const container = { pod: 'web', container: 'main' };
    const errors = { container, pattern: '^ERROR', windowSeconds: 3_600 };
    const source = open('log', errors);
    const both = async (): Promise<boolean> => (await source.sample(signal)) === 2;
    await eventually('both streams, which the engine brings in no order', both);
    expect((await source.evidence?.(signal))?.toSorted()).toEqual(['ERROR one', 'ERROR two']);
    expect(await sample('log', errors, 7_200_000)).toBe(0);
    const none = { ...errors, container: { ...container, container: 'none' } };
    await expect(sample('log', none)).rejects.toThrow('no container none of pod default/web');
  });

  it('know how many run, how often they were begun again, and what they use', async () => {
    const again = 'test -e /kept/once || { touch /kept/once; exit 1; }; exec sleep 1000';
    const kept = { volumeMounts: [{ name: 'kept', mountPath: '/kept' }] };
    pods.hold({ volumes: [{ name: 'kept', emptyDir: {} }], containers: [pods.sh(again, kept)] });
    await pods.until(
      ({ state, restartCount }) => restartCount === 1 && state.running !== undefined,
    );
    const pod = { pod: 'web' };
    expect(await sample('container', pod)).toBe(1);
    expect(await sample('container', { ...pod, measure: 'restarts' })).toBe(1);
    const memory = await sample('container', { ...pod, measure: 'memoryBytes' });
    expect(memory).toBeGreaterThan(4_096);
    const cpu = open('container', { ...pod, measure: 'cpuPercent' });
    await expect(cpu.sample(signal)).rejects.toThrow('no earlier sample');
    expect(await cpu.sample(signal)).toBeGreaterThanOrEqual(0);
  });
});
