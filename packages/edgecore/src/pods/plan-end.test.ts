import { describe, expect, it } from 'vitest';
import { planEnd, type EndScene } from './plan-end.ts';
import { NOW, SceneBuilder, lines } from './testing/scenes.ts';

const end = (scene: SceneBuilder, more: Partial<EndScene> = {}): string[] => {
  const { observed, progress } = scene.build();
  return lines(
    planEnd({
      observed,
      progress,
      graceSeconds: 20,
      sidecars: ['proxy', 'agent'],
      hooked: new Set(['agent']),
      keepContainers: false,
      why: 'deleted',
      now: NOW,
      ...more,
    }),
  );
};

describe('planEnd', () => {
  it('asks what runs to end, and removes nothing before it has', () => {
    const scene = new SceneBuilder().sandbox().running().exited('other', 0);
    expect(end(scene)).toEqual(['stop main.0 20s deleted']);
    expect(end(scene.stopping('main.0', 'deleted', 20))).toEqual([]);
  });

  it('removes sandboxes and containers once everything has ended', () => {
    const scene = new SceneBuilder().sandbox(0, 5).sandbox(1).exited().created('other');
    expect(end(scene)).toEqual([
      'remove sandbox-0',
      'remove sandbox-1',
      'remove main.0',
      'remove other.0',
    ]);
  });

  it('has nothing left to do for a pod of which nothing is there', () => {
    expect(end(new SceneBuilder().exited('main', 137, { gone: true }))).toEqual([]);
  });

  it('lets sidecars outlive the app', () => {
    const both = new SceneBuilder().sandbox().running('proxy').running('main');
    expect(end(both)).toEqual(['stop main.0 20s deleted']);
    const rest = new SceneBuilder().sandbox().running('proxy').exited('main');
    rest.progress.ending = { since: NOW - 15_000 };
    expect(end(rest)).toEqual(['stop proxy.0 5s deleted']);
    rest.progress.ending = { since: NOW - 60_000 };
    expect(end(rest)).toEqual(['stop proxy.0 2s deleted']);
  });

  it('ends sidecars in the opposite order of their start', () => {
    const scene = new SceneBuilder().sandbox().running('proxy').running('agent').exited('main');
    scene.progress.ending = { since: NOW - 15_000 };
    expect(end(scene)).toEqual(['stop agent.0 5s deleted']);
    expect(end(scene.stopping('agent.0', 'deleted', 5))).toEqual([]);
  });

  it('ends all that is left at once when the grace is over', () => {
    const scene = new SceneBuilder().sandbox().running('proxy').running('agent').exited('main');
    scene.progress.ending = { since: NOW - 20_000 };
    expect(end(scene)).toEqual(['stop proxy.0 2s deleted', 'stop agent.0 2s deleted']);
  });

  it('begins the preStop hook of a sidecar with the end of the pod, whenever its turn comes', () => {
    const scene = new SceneBuilder().sandbox().running('proxy').running('agent').running('main');
    expect(end(scene)).toEqual(['stop main.0 20s deleted', 'preStop agent.0 20s']);
    scene.progress.preStops.set('agent.0', Promise.resolve());
    expect(end(scene)).toEqual(['stop main.0 20s deleted']);
  });

  it('cuts a longer grace short when asked to hurry', () => {
    const scene = new SceneBuilder().sandbox().running().stopping('main.0', 'deleted', 25);
    expect(end(scene, { graceSeconds: 25 })).toEqual([]);
    expect(end(scene, { graceSeconds: 0 })).toEqual(['stop main.0 0s deleted']);
  });

  it('takes the grace a container was made with when the pod is not held any more', () => {
    const scene = new SceneBuilder().sandbox().running();
    expect(end(scene, { graceSeconds: undefined })).toEqual(['stop main.0 30s deleted']);
  });

  it('keeps the containers of a pod that has run to its end', () => {
    const scene = new SceneBuilder().sandbox().exited('main', 0);
    expect(end(scene, { keepContainers: true })).toEqual(['remove sandbox-0']);
  });
});
