import { describe, expect, it } from 'vitest';
import { planPod } from './plan.ts';
import type { Container } from './pod.ts';
import { SceneBuilder, lines } from './testing/scenes.ts';

const plan = (scene: SceneBuilder): string[] => lines(planPod(scene.build()));
const image = 'busybox:1';
const tcp = { tcpSocket: { port: 80 } };

describe('a container that is not well', () => {
  const main = (more: Partial<Container>): SceneBuilder =>
    new SceneBuilder({ containers: [{ name: 'main', image, ...more }] }).sandbox().running();

  it('is ended when its liveness or startup probe says that it is dead', () => {
    const live = main({ livenessProbe: tcp });
    expect(plan(live)).toEqual([]);
    expect(plan(live.probed('main', 'liveness', 'success'))).toEqual([]);
    expect(plan(live.probed('main', 'liveness', 'failure'))).toEqual(['stop main.0 30s liveness']);
    expect(plan(live.stopping('main.0', 'liveness', 20))).toEqual([]);
    const startup = main({ startupProbe: tcp }).probed('main', 'startup', 'failure');
    expect(plan(startup)).toEqual(['stop main.0 30s startup']);
  });

  it('is ended within the grace that its probe has for it', () => {
    const probe = { ...tcp, terminationGracePeriodSeconds: 3 };
    const scene = main({ livenessProbe: probe, startupProbe: tcp });
    scene.probed('main', 'startup', 'success').probed('main', 'liveness', 'failure');
    expect(plan(scene)).toEqual(['stop main.0 3s liveness']);
  });

  it('is left alone when it only is not ready', () => {
    const scene = main({ readinessProbe: tcp }).probed('main', 'readiness', 'failure');
    expect(plan(scene)).toEqual([]);
  });

  it('is ended when the engine calls it unhealthy', () => {
    const scene = new SceneBuilder().sandbox().running('main', { health: 'unhealthy' });
    expect(plan(scene)).toEqual(['stop main.0 30s health']);
  });

  it.each([
    ['Always', 'run main.1 streak 1'],
    ['OnFailure', 'run main.1 streak 1'],
    ['Never', undefined],
  ] as const)('with policy %s then: %s, however it ended', (restartPolicy, step) => {
    const scene = new SceneBuilder({ restartPolicy }).sandbox().exited('main', 0).imageReady();
    expect(plan(scene.stopping('main.0', 'liveness', 0))).toEqual(step ? [step] : []);
  });

  it('waits for its next run like any other that failed', () => {
    const scene = new SceneBuilder().sandbox().exited('main', 137, { streak: 1, secondsAgo: 4 });
    expect(plan(scene.stopping('main.0', 'liveness', 0))).toEqual(['again in 6s']);
  });
});

describe('a postStart hook', () => {
  const lifecycle = { postStart: { exec: { command: ['true'] } } };
  const containers = [
    { name: 'main', image, lifecycle },
    { name: 'next', image },
  ];
  const pod = (): SceneBuilder => new SceneBuilder({ containers }).sandbox();

  it('is run once the container runs, and the next containers wait for it', () => {
    expect(plan(pod().imageReady('main').imageReady('next'))).toEqual(['run main.0 streak 0']);
    const begun = pod().running('main').imageReady('next');
    expect(plan(begun)).toEqual(['postStart main.0']);
    expect(plan(begun.postStart('main', { phase: 'running' }))).toEqual([]);
    expect(plan(begun.postStart('main', { phase: 'done' }))).toEqual(['run next.0 streak 0']);
  });

  it('does not keep the images of the next containers from coming', () => {
    expect(plan(pod())).toEqual(['image main', 'image next']);
    expect(plan(pod().imagePulling('main').imageReady('next'))).toEqual([]);
  });

  it('holds nobody up while its container cannot run', () => {
    const failing = pod().imageFailed('main', 5).imageReady('next');
    expect(plan(failing)).toContain('run next.0 streak 0');
    const crashing = pod().exited('main', 1, { streak: 3 }).imageReady('next');
    expect(plan(crashing)).toEqual(['run next.0 streak 0', 'again in 40s']);
  });

  it('ends its container when it fails', () => {
    const scene = pod().running('main').postStart('main', { phase: 'failed', message: 'no' });
    expect(plan(scene.running('next'))).toEqual(['stop main.0 30s post-start']);
  });
});

describe('a sidecar with a startup probe', () => {
  const init: Container[] = [
    { name: 'proxy', image, restartPolicy: 'Always', startupProbe: tcp },
    { name: 'setup', image },
  ];

  it('has started when its probe says so, and not before', () => {
    const scene = new SceneBuilder({ init }).sandbox().running('proxy');
    expect(plan(scene)).toEqual([]);
    expect(plan(scene.probed('proxy', 'startup', 'success'))).toEqual(['image setup']);
  });

  it('is restarted beside the app when it dies', () => {
    const withLiveness = [{ ...init[0]!, livenessProbe: tcp }];
    const scene = new SceneBuilder({ init: withLiveness, restartPolicy: 'Never' }).sandbox();
    scene.running('proxy').probed('proxy', 'startup', 'success').running('main');
    expect(plan(scene.probed('proxy', 'liveness', 'failure'))).toEqual([
      'stop proxy.0 30s liveness',
    ]);
  });
});
