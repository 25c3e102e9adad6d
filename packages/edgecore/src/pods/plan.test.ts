import { describe, expect, it } from 'vitest';
import { planPod } from './plan.ts';
import { SceneBuilder, lines } from './testing/scenes.ts';

const plan = (scene: SceneBuilder): string[] => lines(planPod(scene.build()));
const main = { name: 'main', image: 'busybox:1' };

describe('a new pod', () => {
  it('prepares volumes, sandbox and image at the same time', () => {
    const scene = new SceneBuilder();
    scene.progress.preparedVolumes = undefined;
    expect(plan(scene)).toEqual(['volumes', 'sandbox 0 streak 0', 'image main']);
  });

  it('runs its containers once all of it is there', () => {
    expect(plan(new SceneBuilder().sandbox().imageReady())).toEqual(['run main.0 streak 0']);
  });

  it('does not ask twice for an image that is on its way', () => {
    expect(plan(new SceneBuilder().sandbox().imagePulling())).toEqual([]);
  });

  it('does not run before its volumes can be had', () => {
    const scene = new SceneBuilder().sandbox().imageReady();
    expect(plan(scene.volumes({ fits: false, message: 'no such secret' }))).toEqual([]);
  });

  it('does not run what cannot be specified', () => {
    expect(plan(new SceneBuilder().sandbox().imageReady().unfit('main', 'no key'))).toEqual([]);
  });

  it('starts what an earlier agent created and did not start', () => {
    expect(plan(new SceneBuilder().sandbox().created())).toEqual(['start main.0']);
  });

  it('runs all of its app containers at once', () => {
    const scene = new SceneBuilder({ containers: [main, { name: 'side', image: 'busybox:1' }] });
    scene.sandbox().imageReady('main').imageReady('side');
    expect(plan(scene)).toEqual(['run main.0 streak 0', 'run side.0 streak 0']);
  });

  it('is left alone once it runs', () => {
    expect(plan(new SceneBuilder().sandbox().running())).toEqual([]);
  });

  it('brings changed files to containers that run', () => {
    const scene = new SceneBuilder().sandbox().running();
    expect(plan(scene.volumes({ fits: true, value: 'volumes-2' }))).toEqual(['volumes']);
  });
});

describe('a failure', () => {
  it('to pull shows for two seconds, then backs off from ten seconds on', () => {
    expect(plan(new SceneBuilder().sandbox().imageFailed('main', 0))).toEqual(['again in 2s']);
    expect(plan(new SceneBuilder().sandbox().imageFailed('main', 3))).toEqual(['again in 7s']);
    expect(plan(new SceneBuilder().sandbox().imageFailed('main', 10))).toEqual(['image main']);
    expect(plan(new SceneBuilder().sandbox().imageFailed('main', 10, 2))).toEqual(['again in 10s']);
  });

  it('to create backs off', () => {
    const scene = (ago: number): SceneBuilder =>
      new SceneBuilder().sandbox().imageReady().faulty('main', 'CreateContainerError', ago);
    expect(plan(scene(1))).toEqual(['again in 9s']);
    expect(plan(scene(10))).toEqual(['run main.0 streak 0']);
  });

  it('to make a sandbox backs off, and holds nothing else up', () => {
    const scene = new SceneBuilder();
    scene.progress.fail('sandbox', { reason: 'x', message: 'x' }, scene.build().now);
    expect(plan(scene)).toEqual(['image main', 'again in 1s']);
  });
});

describe('a container that ends', () => {
  it('is restarted at once the first time', () => {
    const scene = new SceneBuilder().sandbox().exited('main', 1).imageReady();
    expect(plan(scene)).toEqual(['run main.1 streak 1']);
  });

  it('waits ten seconds the second time, and doubles', () => {
    const crashed = (streak: number, secondsAgo: number): string[] =>
      plan(new SceneBuilder().sandbox().exited('main', 1, { attempt: 4, streak, secondsAgo }));
    expect(crashed(1, 4)).toEqual(['again in 6s']);
    expect(crashed(2, 4)).toEqual(['again in 16s']);
    expect(crashed(9, 4)).toEqual(['again in 296s']);
    expect(crashed(1, 10)).toEqual(['image main']);
  });

  it('begins a new row after ten minutes of running', () => {
    const scene = new SceneBuilder().sandbox().imageReady();
    scene.exited('main', 1, { attempt: 4, streak: 6, ranSeconds: 600 });
    expect(plan(scene)).toEqual(['run main.5 streak 1']);
  });

  it('is restarted by its policy', () => {
    const after = (restartPolicy: 'Always' | 'OnFailure' | 'Never', exitCode: number): string[] =>
      plan(new SceneBuilder({ restartPolicy }).sandbox().exited('main', exitCode).imageReady());
    expect(after('Always', 0)).toEqual(['run main.1 streak 1']);
    expect(after('OnFailure', 0)).toEqual([]);
    expect(after('OnFailure', 2)).toEqual(['run main.1 streak 1']);
    expect(after('Never', 0)).toEqual([]);
    expect(after('Never', 2)).toEqual([]);
  });

  it('keeps its newest end for its logs, and gives up older ones', () => {
    const scene = new SceneBuilder().sandbox();
    scene.exited('main', 1, { attempt: 0 }).exited('main', 1, { attempt: 1 });
    scene.running('main', { attempt: 2 });
    expect(plan(scene)).toEqual(['remove main.0']);
  });

  it('goes on counting when the engine has lost it', () => {
    const scene = new SceneBuilder().sandbox().imageReady();
    scene.exited('main', 137, { attempt: 6, gone: true });
    expect(plan(scene)).toEqual(['run main.7 streak 1']);
  });
});

describe('a container whose specification changes', () => {
  it('is stopped only when the new image is here', () => {
    const changed = (): SceneBuilder =>
      new SceneBuilder().sandbox().running('main', { hash: 'old' });
    expect(plan(changed())).toEqual(['image main']);
    expect(plan(changed().imagePulling())).toEqual([]);
    expect(plan(changed().imageReady())).toEqual(['stop main.0 30s replaced']);
    expect(plan(changed().imageReady().stopping('main.0', 'replaced', 20))).toEqual([]);
  });

  it('runs again at once, whatever its policy and however it ended', () => {
    const scene = new SceneBuilder({ restartPolicy: 'Never' }).sandbox().imageReady();
    scene.exited('main', 0, { hash: 'old', streak: 5 }).stopping('main.0', 'replaced', 20);
    expect(plan(scene)).toEqual(['run main.1 streak 0']);
  });

  it('keeps running while its new specification cannot be had', () => {
    const scene = new SceneBuilder().sandbox().running('main', { hash: 'old' }).imageReady();
    expect(plan(scene.unfit('main', 'no key'))).toEqual([]);
  });

  it('is ended and removed when the pod no longer names it', () => {
    const scene = new SceneBuilder().sandbox().running().running('old');
    expect(plan(scene)).toEqual(['stop old.0 30s stray']);
    expect(plan(new SceneBuilder().sandbox().running().exited('old'))).toEqual(['remove old.0']);
  });
});

describe('init containers', () => {
  const init = [
    { name: 'first', image: 'busybox:1' },
    { name: 'second', image: 'busybox:1' },
  ];
  const pod = (restartPolicy: 'Always' | 'Never' = 'Always'): SceneBuilder =>
    new SceneBuilder({ restartPolicy, init }).sandbox();

  it('run one after the other, then the app', () => {
    expect(plan(pod())).toEqual(['image first']);
    expect(plan(pod().imageReady('first'))).toEqual(['run first.0 streak 0']);
    expect(plan(pod().running('first'))).toEqual([]);
    expect(plan(pod().exited('first', 0))).toEqual(['image second']);
    expect(plan(pod().exited('first', 0).exited('second', 0))).toEqual(['image main']);
  });

  it('are retried with back-off, unless the pod never retries', () => {
    expect(plan(pod().exited('first', 1).imageReady('first'))).toEqual(['run first.1 streak 1']);
    expect(plan(pod().exited('first', 1, { streak: 1 }))).toEqual(['again in 10s']);
    expect(plan(pod('Never').exited('first', 1))).toEqual([]);
  });

  it('do not run again beside an app that runs', () => {
    expect(plan(pod().running('main'))).toEqual([]);
  });

  it('run again in a new sandbox', () => {
    const scene = new SceneBuilder({ init }).sandbox(0, 30).sandbox(1);
    scene.exited('first', 0).exited('second', 0).exited('main', 137).imageReady('first');
    expect(plan(scene)).toEqual(['run first.1 streak 0', 'remove sandbox-0']);
  });
});

describe('sidecars', () => {
  const init = [
    { name: 'proxy', image: 'busybox:1', restartPolicy: 'Always' as const },
    { name: 'setup', image: 'busybox:1' },
  ];
  const pod = (): SceneBuilder => new SceneBuilder({ restartPolicy: 'OnFailure', init }).sandbox();

  it('run before what comes after them', () => {
    expect(plan(pod().imageReady('proxy'))).toEqual(['run proxy.0 streak 0']);
    expect(plan(pod().running('proxy'))).toEqual(['image setup']);
    expect(plan(pod().running('proxy').exited('setup', 0))).toEqual(['image main']);
  });

  it('are restarted always, also beside the app', () => {
    const scene = pod().exited('proxy', 0).exited('setup', 0).running('main').imageReady('proxy');
    expect(plan(scene)).toEqual(['run proxy.1 streak 1']);
  });
});

describe('a sandbox that is lost', () => {
  it('is made anew, and its containers run again at once', () => {
    const scene = new SceneBuilder().sandbox(0, 5).exited('main', 137, { attempt: 3, streak: 7 });
    expect(plan(scene)).toEqual(['sandbox 1 streak 1', 'image main']);
    expect(plan(scene.sandbox(1).imageReady())).toEqual([
      'run main.4 streak 0',
      'remove sandbox-0',
    ]);
  });

  it('is not replaced before what ran in it has ended', () => {
    const scene = new SceneBuilder().sandbox(0, 5).running('main');
    expect(plan(scene)).toEqual(['stop main.0 30s sandbox-lost']);
    expect(plan(scene.stopping('main.0', 'deleted', 10))).toEqual([]);
  });

  it('is not made for a pod that has nothing left to run', () => {
    const scene = new SceneBuilder({ restartPolicy: 'OnFailure' }).sandbox(0, 5).exited('main', 0);
    expect(plan(scene)).toEqual([]);
  });

  it('is made with growing delays when it does not live', () => {
    const died = (streak: number): string[] =>
      plan(new SceneBuilder().sandbox(3, 0, { ranSeconds: 1, streak }));
    expect(died(0)).toEqual(['sandbox 4 streak 1', 'image main']);
    expect(died(1)).toEqual(['image main', 'again in 1s']);
    expect(died(4)).toEqual(['image main', 'again in 8s']);
  });
});
