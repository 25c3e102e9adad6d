import { uid } from '@skerry/shared/names';
import type {
  ContainerState,
  ObservedContainer,
  ObservedSandbox,
  PodIdentity,
} from '../../runtime/observed.ts';
import type { Plan, RunScene, Step } from '../plan.ts';
import type { Container, PodObject } from '../pod.ts';
import { podShape } from '../pod-shape.ts';
import type { ProbeKind, Verdict } from '../../probes/weigh.ts';
import {
  containerPart,
  imageKey,
  PodProgress,
  type PostStart,
  type StopReason,
} from '../progress.ts';
import { podObject } from './pod-node.ts';

/** The moment of every scene. */
export const NOW: number = Date.UTC(2026, 5, 1, 12, 0, 0);

const seconds = (n: number): number => n * 1000;
const pod: PodIdentity = { uid: uid('uid-of-web'), namespace: 'default', name: 'web' };

interface Wanted {
  readonly restartPolicy?: PodObject['spec']['restartPolicy'];
  readonly init?: readonly Container[];
  readonly containers?: readonly Container[];
  readonly spec?: Partial<PodObject['spec']>;
}

/** A scene as a sentence: what is wanted, what is seen, what is in hand. */
export class SceneBuilder {
  readonly progress: PodProgress = new PodProgress();
  readonly #object: PodObject;
  readonly #sandboxes: ObservedSandbox[] = [];
  readonly #containers: ObservedContainer[] = [];
  readonly #gone = new Set<string>();
  #unfit = new Map<string, string>();
  #volumes: RunScene['volumes'] = { fits: true, value: 'volumes-1' };

  constructor({ restartPolicy = 'Always', init, containers, spec }: Wanted = {}) {
    this.#object = podObject({
      ...spec,
      restartPolicy,
      ...(init && { initContainers: init }),
      ...(containers && { containers }),
    });
    this.progress.preparedVolumes = 'volumes-1';
  }

  get object(): PodObject {
    return this.#object;
  }

  /** A sandbox that runs, or ended so many seconds ago after a minute. */
  sandbox(attempt = 0, endedSecondsAgo?: number, more: Lived = {}): this {
    const { ranSeconds = 60, streak = 0 } = more;
    const finishedAt = NOW - seconds(endedSecondsAgo ?? 0);
    const startedAt = finishedAt - seconds(ranSeconds);
    this.#sandboxes.push({
      id: `sandbox-${attempt}`,
      mark: { pod, attempt, streak },
      state:
        endedSecondsAgo === undefined
          ? { phase: 'running', startedAt, ip: '10.88.0.2' }
          : { phase: 'exited', startedAt, finishedAt },
    });
    return this;
  }

  created(name = 'main', more: Seen = {}): this {
    return this.#see(name, { phase: 'created' }, more);
  }

  running(name = 'main', { health, ...more }: Seen & { health?: 'unhealthy' } = {}): this {
    const state = { phase: 'running', startedAt: NOW - seconds(60) } as const;
    return this.#see(name, health ? { ...state, health } : state, more);
  }

  exited(name = 'main', exitCode = 1, more: Seen & Ended = {}): this {
    const { secondsAgo = 0, ranSeconds = 5, ...seen } = more;
    const finishedAt = NOW - seconds(secondsAgo);
    const startedAt = finishedAt - seconds(ranSeconds);
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    return this.#see(name, { phase: 'exited', startedAt, finishedAt, exitCode, reason }, seen);
  }

  imageReady(name = 'main'): this {
    this.progress.images.set(imageKey(this.#shapeOf(name)), {
      phase: 'ready',
      id: `image-${name}`,
    });
    return this;
  }

  imagePulling(name = 'main'): this {
    this.progress.images.set(imageKey(this.#shapeOf(name)), { phase: 'pulling' });
    return this;
  }

  imageFailed(name: string, secondsAgo: number, failures = 1): this {
    const at = NOW - seconds(secondsAgo);
    const why = { reason: 'ErrImagePull', message: 'not found' };
    const key = imageKey(this.#shapeOf(name));
    let fault = undefined;
    for (let n = 0; n < failures; n++) {
      this.progress.failImage(key, why, fault, at);
      const held = this.progress.images.get(key);
      fault = held?.phase === 'failed' ? held.fault : undefined;
    }
    this.progress.tellImages(at);
    return this;
  }

  faulty(name: string, reason: string, secondsAgo: number): this {
    const why = { reason, message: `${reason} of ${name}` };
    this.progress.fail(containerPart(this.#shapeOf(name)), why, NOW - seconds(secondsAgo));
    return this;
  }

  stopping(id: string, why: StopReason, leftSeconds: number): this {
    this.progress.stops.set(id, { why, deadline: NOW + seconds(leftSeconds) });
    return this;
  }

  unfit(name: string, message: string): this {
    this.#unfit = new Map([...this.#unfit, [name, message]]);
    return this;
  }

  volumes(volumes: RunScene['volumes']): this {
    this.#volumes = volumes;
    return this;
  }

  /** A probe of the newest run of that name has come to a verdict. */
  probed(name: string, kind: ProbeKind, verdict: Verdict): this {
    const run = this.#containers.findLast(({ mark }) => mark.name === name);
    this.progress.conclude(run?.id ?? '', kind, verdict);
    return this;
  }

  /** The postStart hook of the newest run of that name is so far. */
  postStart(name: string, state: PostStart): this {
    const run = this.#containers.findLast(({ mark }) => mark.name === name);
    this.progress.postStarts.set(run?.id ?? '', state);
    return this;
  }

  build(): RunScene {
    return {
      shape: podShape(this.#object),
      observed: {
        pod,
        sandboxes: this.#sandboxes,
        containers: this.#containers,
        gone: this.#gone,
      },
      progress: this.progress,
      volumes: this.#volumes,
      unfit: this.#unfit,
      now: NOW,
    };
  }

  #shapeOf(name: string): { readonly name: string; readonly hash: string } {
    const found = podShape(this.#object).containers.find((container) => container.name === name);
    return found ?? { name, hash: 'stray' };
  }

  #see(name: string, state: ContainerState, seen: Seen): this {
    const { attempt = 0, streak = 0, sandbox = 0, hash, gone = false } = seen;
    const id = `${name}.${attempt}`;
    if (gone) this.#gone.add(id);
    this.#containers.push({
      id,
      mark: {
        pod,
        name,
        attempt,
        streak,
        hash: hash ?? this.#shapeOf(name).hash,
        graceSeconds: 30,
      },
      sandboxId: `sandbox-${sandbox}`,
      image: 'busybox:1',
      imageId: 'sha256:1',
      state,
    });
    return this;
  }
}

interface Seen {
  readonly attempt?: number;
  readonly streak?: number;
  /** Attempt of the sandbox it was made in. */
  readonly sandbox?: number;
  readonly hash?: string;
  readonly gone?: boolean;
}

interface Ended {
  readonly secondsAgo?: number;
  readonly ranSeconds?: number;
}

/** A plan as lines to compare: `run main.1 streak 2`, `again in 10s`. */
export function lines({ steps, againAt }: Plan): string[] {
  const again = againAt === undefined ? [] : [`again in ${(againAt - NOW) / 1000}s`];
  return [...steps.map(line), ...again];
}

function line(step: Step): string {
  switch (step.do) {
    case 'prepareVolumes':
      return 'volumes';
    case 'runSandbox':
      return `sandbox ${step.attempt} streak ${step.streak}`;
    case 'ensureImage':
      return `image ${step.container}`;
    case 'run':
      return `run ${step.container}.${step.attempt} streak ${step.streak}`;
    case 'start':
      return `start ${step.id}`;
    case 'postStart':
      return `postStart ${step.id}`;
    case 'preStop':
      return `preStop ${step.id} ${step.graceSeconds}s`;
    case 'stop':
      return `stop ${step.id} ${step.graceSeconds}s ${step.why}`;
    case 'remove':
      return `remove ${step.id}`;
    case 'removeSandbox':
      return `remove ${step.id}`;
  }
}

interface Lived {
  readonly ranSeconds?: number;
  readonly streak?: number;
}
