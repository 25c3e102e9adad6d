import { describe, expect, it } from 'vitest';
import type { ContainerStatusState } from './pod.ts';
import { newRecord, recall, recordFrom, remember, type PodRecord } from './pod-record.ts';
import { NOW, SceneBuilder } from './testing/scenes.ts';

describe('a pod’s record', () => {
  it('is made of the status where it was lost', () => {
    const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
    const { pod } = new SceneBuilder().build().shape;
    const main = { name: 'main', image: 'a', imageID: 'sha256:1', ready: true, started: true };
    const ended = { exitCode: 3, reason: 'Error', startedAt: at(1), finishedAt: at(2) };
    const record = (state: ContainerStatusState, lastState: ContainerStatusState): PodRecord => {
      const one = { ...main, containerID: 'docker://c1', restartCount: 4, state, lastState };
      return recordFrom(pod, { containerStatuses: [one] }, 7);
    };
    const mark = { name: 'main', attempt: 4 };
    const crashed = { terminated: { ...ended, containerID: 'docker://c1' } };
    const exited = { phase: 'exited', startedAt: 1000, finishedAt: 2000, exitCode: 3 };
    expect(record({ running: { startedAt: at(5) } }, crashed)).toMatchObject({
      startTime: 7,
      runs: { main: [{ id: 'c1', mark, state: { phase: 'running', startedAt: 5000 } }] },
    });
    expect(record(crashed, {}).runs['main']).toMatchObject([{ id: 'c1', mark, state: exited }]);
    expect(record({ waiting: { reason: 'CrashLoopBackOff' } }, crashed)).toMatchObject({
      runs: { main: [{ id: 'c1', mark, state: exited }] },
    });
    expect(record({ waiting: { reason: 'ContainerCreating' } }, {}).runs).toEqual({});
    expect(recordFrom(pod, undefined, 7)).toEqual(newRecord(7));
  });

  it('remembers of each container the newest run and the newest end before it', () => {
    const scene = new SceneBuilder().exited('main', 1, { attempt: 0 });
    scene.exited('main', 2, { attempt: 1 }).running('main', { attempt: 2 });
    const { runs } = remember(newRecord(0), scene.build().observed);
    expect(runs['main']?.map(({ id }) => id)).toEqual(['main.1', 'main.2']);
  });

  it('recalls what is gone as having ended in a way nobody knows, once and for all', () => {
    const running = new SceneBuilder().running('main', { attempt: 3 }).build().observed;
    const nothing = new SceneBuilder().build().observed;
    const recalled = recall(remember(newRecord(0), running), nothing, NOW);
    expect(recalled.containers[0]).toMatchObject({
      id: 'main.3',
      mark: { attempt: 3 },
      state: { phase: 'exited', exitCode: 137, reason: 'ContainerStatusUnknown', finishedAt: NOW },
    });
    expect(recalled.gone).toEqual(new Set(['main.3']));
    const later = recall(remember(newRecord(0), recalled), nothing, NOW + 60_000);
    expect(later.containers).toEqual(recalled.containers);
  });

  it('recalls nothing that is still there', () => {
    const { observed } = new SceneBuilder().running().build();
    expect(recall(remember(newRecord(0), observed), observed, NOW)).toEqual(observed);
  });
});
