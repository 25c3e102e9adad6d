import { uid } from '@skerry/shared/names';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObservedContainer, ObservedSandbox } from '../runtime/observed.ts';
import { planPod, type Step } from './plan.ts';
import { podShape, type PodShape } from './pod-shape.ts';
import { PodProgress, imageKey } from './progress.ts';
import { podObject } from './testing/pod-node.ts';

const pod = { uid: uid('uid'), namespace: 'default', name: 'web' };

/** A machine of no latency: does each step at once, and checks that it may be done. */
class Model {
  now = 1_000_000;
  shape: PodShape = shapeOf('1');
  readonly progress = new PodProgress();
  sandboxes: ObservedSandbox[] = [];
  containers: ObservedContainer[] = [];

  round(): Step[] {
    const observed = {
      pod,
      sandboxes: this.sandboxes,
      containers: this.containers.toSorted((a, b) => a.mark.attempt - b.mark.attempt),
      gone: new Set<string>(),
    };
    const { shape, progress, now } = this;
    const volumes = { fits: true, value: 'v' } as const;
    const scene = { shape, progress, observed, volumes, unfit: new Map(), now };
    const { steps, againAt } = planPod(scene);
    expect(againAt === undefined || againAt > now).toBe(true);
    for (const step of steps) this.#do(step);
    if (steps.length === 0 && againAt !== undefined) this.now = againAt;
    return [...steps];
  }

  exit(name: string, exitCode: number): void {
    this.#set(name, (run) => run.state.phase === 'running' && this.#ended(run, exitCode));
  }

  loseSandbox(): void {
    this.sandboxes = this.sandboxes.map((sandbox) => ({
      ...sandbox,
      state: { phase: 'exited', startedAt: sandbox.state.startedAt, finishedAt: this.now },
    }));
  }

  running(name: string): ObservedContainer[] {
    return this.containers.filter(
      ({ mark, state }) => mark.name === name && state.phase === 'running',
    );
  }

  #do(step: Step): void {
    switch (step.do) {
      case 'prepareVolumes':
        this.progress.preparedVolumes = step.digest;
        return;
      case 'runSandbox': {
        expect(this.containers.some(({ state }) => state.phase === 'running')).toBe(false);
        const { attempt, streak } = step;
        expect(this.sandboxes.some(({ mark }) => mark.attempt === attempt)).toBe(false);
        const state = { phase: 'running', startedAt: this.now, ip: '10.0.0.1' } as const;
        this.sandboxes.push({ id: `s${attempt}`, mark: { pod, attempt, streak }, state });
        return;
      }
      case 'ensureImage':
        this.progress.images.set(this.#key(step.container), { phase: 'ready', id: 'i' });
        return;
      case 'run':
        this.#run(step);
        return;
      case 'postStart':
      case 'preStop':
      case 'start':
        throw new Error('nothing is ever only created here, and there are no hooks');
      case 'stop':
        this.progress.stops.set(step.id, { deadline: this.now, why: step.why });
        this.#set(step.container, (run) => run.id === step.id && this.#ended(run, 143));
        return;
      case 'remove':
        expect(this.containers.find(({ id }) => id === step.id)?.state.phase).toBe('exited');
        this.containers = this.containers.filter(({ id }) => id !== step.id);
        return;
      case 'removeSandbox':
        this.sandboxes = this.sandboxes.filter(({ id }) => id !== step.id);
    }
  }

  #run({ container, attempt, streak, sandboxId }: Extract<Step, { do: 'run' }>): void {
    expect(this.running(container)).toEqual([]);
    const id = `${container}.${attempt}`;
    expect(this.containers.some((run) => run.id === id)).toBe(false);
    const { hash = '' } = this.shape.containers.find(({ name }) => name === container) ?? {};
    const mark = { pod, name: container, attempt, streak, hash, graceSeconds: 30 };
    const state = { phase: 'running', startedAt: this.now } as const;
    this.containers.push({ id, mark, sandboxId, image: 'i', imageId: 'i', state });
    this.progress.images.delete(this.#key(container));
  }

  #key(container: string): string {
    return imageKey(this.shape.containers.find(({ name }) => name === container)!);
  }

  #ended(run: ObservedContainer, exitCode: number): ObservedContainer {
    const startedAt = run.state.phase === 'running' ? run.state.startedAt : 0;
    const ended = { startedAt, finishedAt: this.now, exitCode, reason: 'Error' };
    return { ...run, state: { phase: 'exited', ...ended } };
  }

  #set(name: string, change: (run: ObservedContainer) => ObservedContainer | false): void {
    this.containers = this.containers.map((run) =>
      run.mark.name === name ? change(run) || run : run,
    );
  }
}

function shapeOf(tag: string): PodShape {
  return podShape(
    podObject({
      initContainers: [
        { name: 'proxy', image: 'p:1', restartPolicy: 'Always' },
        { name: 'setup', image: 's:1' },
      ],
      containers: [
        { name: 'main', image: `m:${tag}` },
        { name: 'side', image: 'x:1' },
      ],
    }),
  );
}

const disturbance = fc.oneof(
  fc.record({ do: fc.constant('round' as const) }),
  fc.record({
    do: fc.constant('exit' as const),
    name: fc.constantFrom('proxy', 'setup', 'main', 'side'),
    code: fc.constantFrom(0, 1),
  }),
  fc.record({ do: fc.constant('lose' as const) }),
  fc.record({ do: fc.constant('change' as const), tag: fc.constantFrom('1', '2', '3') }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 700_000 }) }),
);

describe('a pod under every kind of disturbance', () => {
  it('never runs a container twice at once, and comes to rest as it should be', () => {
    fc.assert(
      fc.property(fc.array(disturbance, { maxLength: 40 }), (script) => {
        const model = new Model();
        for (const event of script) {
          if (event.do === 'round') model.round();
          else if (event.do === 'exit') model.exit(event.name, event.code);
          else if (event.do === 'lose') model.loseSandbox();
          else if (event.do === 'change') model.shape = shapeOf(event.tag);
          else model.now += event.ms;
        }
        for (let round = 0; round < 60; round++) {
          model.exit('setup', 0);
          model.round();
        }
        expect(model.round()).toEqual([]);
        const wanted = model.shape.containers;
        for (const name of ['proxy', 'main', 'side']) {
          const { hash } = wanted.find((container) => container.name === name)!;
          expect(model.running(name).map(({ mark }) => mark.hash)).toEqual([hash]);
        }
        expect(model.sandboxes).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });
});
