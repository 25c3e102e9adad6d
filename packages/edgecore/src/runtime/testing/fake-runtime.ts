import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@skerry/shared/clock';
import { aborted } from '@skerry/shared/supervise';
import type {
  ContainerRuntime,
  ExecOutcome,
  HeldImage,
  ImageWish,
  ListedImage,
  LogLine,
  LogOptions,
  PodSelector,
  RuntimeEvent,
  RuntimeVersion,
} from '../container-runtime.ts';
import type { ContainerUsage } from '../cgroup.ts';
import type { ContainerSpec, SandboxSpec } from '../container-spec.ts';
import { noDiskUsage, type DiskUsage } from '../disk-usage.ts';
import {
  exitReason,
  groupByPod,
  type ContainerId,
  type ContainerState,
  type ObservedPod,
  type ObservedSandbox,
} from '../observed.ts';
import {
  CreateFailed,
  ExecFailed,
  ImageFailure,
  RuntimeUnavailable,
  StartFailed,
} from '../runtime-errors.ts';

interface FakeContainer {
  readonly spec: ContainerSpec;
  state: ContainerState;
  lines: LogLine[];
}

/**
 * The machine under fake runtimes: what several agents, one after the other, find on it.
 *
 * A container's command is its script: `['untilAsked']`, `['untilKilled']`, `['exits', '3']`,
 * `['prints', 'out', 'err']`, `['shows']`; anything else cannot be started. No command: `untilAsked`.
 */
export class FakeMachine {
  readonly clock: Clock;
  /** Images here, by name. */
  readonly images: Map<string, string> = new Map();
  /** As whom images run, by id; the others as root. */
  readonly imageUsers: Map<string, string> = new Map();
  /** Images that a registry would give. */
  readonly registry: Map<string, string> = new Map();
  /** `user:password` without which the registry does not give an image, by its name. */
  readonly logins: Map<string, string> = new Map();
  /** Bytes that containers use, by the name of their pod; one where nothing is said. */
  readonly memory: Map<string, number> = new Map();
  /** Bytes that containers have written over their image, by the name of their pod. */
  readonly disk: Map<string, number> = new Map();
  /** Files that they have made, by the name of their pod; 1 unless a test says so. */
  readonly inodes: Map<string, number> = new Map();
  /** While set, nothing answers. */
  outage: string | undefined;
  /** What commands in containers answer, by the command's words; the others answer as their script. */
  readonly answers: Map<string, () => ExecOutcome | Promise<ExecOutcome>> = new Map();
  /** What was asked, in order: `create main.0`, `start main.0`, … */
  readonly asked: string[] = [];
  readonly sandboxes: Map<ContainerId, ObservedSandbox> = new Map();
  readonly containers: Map<ContainerId, FakeContainer> = new Map();
  readonly listeners: Set<(event: RuntimeEvent | undefined) => void> = new Set();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  tell(event: RuntimeEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  /** Ends a container's process, as if by itself. */
  exit(id: ContainerId, exitCode: number): void {
    const container = this.containers.get(id);
    if (container?.state.phase !== 'running') return;
    const { startedAt } = container.state;
    const finishedAt = this.clock.now();
    const reason = exitReason(exitCode);
    container.state = { phase: 'exited', startedAt, finishedAt, exitCode, reason };
    this.tell({ type: 'exited', pod: container.spec.mark.pod });
  }

  /** The runtime's own check of a container turns. */
  turnHealth(id: ContainerId, health: 'healthy' | 'unhealthy'): void {
    const container = this.containers.get(id);
    if (container?.state.phase !== 'running') return;
    container.state = { ...container.state, health };
    this.tell({ type: 'health', pod: container.spec.mark.pod });
  }

  /** The newest container of that name, whatever its pod. */
  find(name: string): { readonly id: ContainerId; readonly spec: ContainerSpec } | undefined {
    const [id, container] =
      [...this.containers].findLast(([, { spec }]) => spec.mark.name === name) ?? [];
    return id === undefined || !container ? undefined : { id, spec: container.spec };
  }

  /** The machine loses power: nothing that ran runs, and what ended so ended badly. */
  reboot(): void {
    for (const id of this.containers.keys()) this.exit(id, 137);
    const finishedAt = this.clock.now();
    for (const [id, { mark, state }] of this.sandboxes) {
      const { startedAt } = state;
      this.sandboxes.set(id, { id, mark, state: { phase: 'exited', startedAt, finishedAt } });
    }
  }
}

/** A runtime that runs nothing, and keeps every promise of one that does. */
export class FakeRuntime implements ContainerRuntime {
  readonly name = 'fake';
  readonly #machine: FakeMachine;

  constructor(machine: FakeMachine) {
    this.#machine = machine;
  }

  version(): Promise<RuntimeVersion> {
    return this.#answer(() => ({ version: '1.0' }));
  }

  list(selector: PodSelector | undefined): Promise<readonly ObservedPod[]> {
    return this.#answer(() => {
      const wanted = ({ mark: { pod } }: { mark: { pod: PodSelector } }): boolean =>
        !selector || (pod.namespace === selector.namespace && pod.name === selector.name);
      const containers = [...this.#machine.containers].map(([id, { spec, state }]) => {
        const { mark, sandboxId, image, imageId } = spec;
        return { id, mark, sandboxId, image, imageId, state };
      });
      const sandboxes = [...this.#machine.sandboxes.values()];
      return groupByPod(sandboxes.filter(wanted), containers.filter(wanted));
    });
  }

  ensureImage({ name: image, policy, ...wish }: ImageWish): Promise<HeldImage> {
    return this.#answer(() => {
      this.#machine.asked.push(`image ${image}`);
      if (image.includes(' ')) throw new ImageFailure('InvalidImageName', `no name: ${image}`);
      const [here, there] = [this.#machine.images.get(image), this.#machine.registry.get(image)];
      if (here !== undefined && (policy !== 'Always' || there === undefined))
        return { id: here, pulled: false };
      if (policy === 'Never') throw new ImageFailure('ErrImageNeverPull', `${image} is not here`);
      wish.onPulling?.();
      if (there === undefined) throw new ImageFailure('ErrImagePull', `${image}: not found`);
      const login = this.#machine.logins.get(image);
      const users = (wish.credentials ?? []).map(
        ({ username, password }) => `${username}:${password}`,
      );
      if (login !== undefined && !users.includes(login))
        throw new ImageFailure('ErrImagePull', `${image}: unauthorized`);
      this.#machine.images.set(image, there);
      return { id: there, pulled: true };
    });
  }

  imageUser(imageId: string): Promise<string> {
    return this.#answer(() => this.#machine.imageUsers.get(imageId) ?? '');
  }

  runSandbox({ mark, hostNetwork }: SandboxSpec): Promise<void> {
    return this.#answer(() => {
      const id = `sandbox-${mark.pod.uid}-${mark.attempt}`;
      this.#machine.asked.push(`sandbox ${mark.attempt}`);
      if (this.#machine.sandboxes.has(id)) throw new CreateFailed(`${id} is there already`);
      const ip = hostNetwork ? undefined : `10.88.0.${this.#machine.sandboxes.size + 2}`;
      const state = { phase: 'running', startedAt: this.#machine.clock.now(), ip } as const;
      this.#machine.sandboxes.set(id, { id, mark, state });
    });
  }

  removeSandbox(id: ContainerId): Promise<void> {
    return this.#answer(() => {
      const sandbox = this.#machine.sandboxes.get(id);
      if (!sandbox) return;
      this.#machine.asked.push(`remove sandbox ${sandbox.mark.attempt}`);
      this.#machine.sandboxes.delete(id);
    });
  }

  createContainer(spec: ContainerSpec): Promise<ContainerId> {
    return this.#answer(() => {
      const { mark } = spec;
      const id = `${mark.pod.uid}-${mark.name}-${mark.attempt}`;
      this.#machine.asked.push(`create ${mark.name}.${mark.attempt}`);
      if (this.#machine.containers.has(id)) throw new CreateFailed(`${id} is there already`);
      this.#machine.containers.set(id, { spec, state: { phase: 'created' }, lines: [] });
      return id;
    });
  }

  startContainer(id: ContainerId): Promise<void> {
    return this.#answer(() => {
      const container = this.#container(id);
      const { mark } = container.spec;
      const now = this.#machine.clock.now();
      this.#machine.asked.push(`start ${mark.name}.${mark.attempt}`);
      const [command = 'untilAsked', ...words] = container.spec.command;
      if (!['untilAsked', 'untilKilled', 'exits', 'prints', 'shows'].includes(command)) {
        const failed = { exitCode: 127, reason: 'StartError', message: `exec: ${command}` };
        container.state = { phase: 'exited', startedAt: 0, finishedAt: now, ...failed };
        throw new StartFailed(failed.message);
      }
      container.state = { phase: 'running', startedAt: now };
      container.lines = linesOf(container.spec, command, words);
      this.#machine.tell({ type: 'started', pod: mark.pod });
      if (command !== 'untilAsked' && command !== 'untilKilled')
        this.#machine.exit(id, command === 'exits' ? Number(words[0]) : 0);
    });
  }

  async stopContainer(id: ContainerId, graceSeconds: number, signal: AbortSignal): Promise<void> {
    const container = await this.#answer(() => this.#machine.containers.get(id));
    if (container?.state.phase !== 'running') return;
    const { mark, command } = container.spec;
    this.#machine.asked.push(`stop ${mark.name}.${mark.attempt} ${graceSeconds}s`);
    const obeys = command[0] !== 'untilKilled';
    if (!obeys) await this.#machine.clock.sleep(graceSeconds * 1000, signal);
    this.#machine.exit(id, obeys ? 5 : 137);
  }

  removeContainer(id: ContainerId): Promise<void> {
    return this.#answer(() => {
      const container = this.#machine.containers.get(id);
      if (!container) return;
      const { mark } = container.spec;
      this.#machine.asked.push(`remove ${mark.name}.${mark.attempt}`);
      this.#machine.exit(id, 137);
      this.#machine.containers.delete(id);
      this.#machine.tell({ type: 'removed', pod: mark.pod });
    });
  }

  async execSync(
    id: ContainerId,
    command: readonly string[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<ExecOutcome> {
    const container = await this.#answer(() => this.#machine.containers.get(id));
    if (container?.state.phase !== 'running') throw new ExecFailed(`${id} is not running`);
    const { mark, env } = container.spec;
    const words = command.join(' ');
    this.#machine.asked.push(`exec ${mark.name}.${mark.attempt} ${words}`);
    const answer = this.#machine.answers.get(words);
    if (answer) {
      const ended = aborted(signal).then(() => Promise.reject(signal.reason as Error));
      return Promise.race([Promise.resolve(answer()), ended]);
    }
    const [script = '', ...rest] = command;
    const ended = (exitCode: number, output = ''): ExecOutcome => ({
      do: 'ended',
      exitCode,
      output,
    });
    if (script === 'exits') return ended(Number(rest[0]));
    if (script === 'prints') return ended(0, rest.map((word) => `${word}\n`).join(''));
    if (script === 'shows')
      return ended(0, `${env.find(({ name }) => name === 'GREETING')?.value ?? ''}\n`);
    if (script !== 'untilKilled') return ended(127, `exec: ${script}`);
    await this.#machine.clock.sleep(timeoutMs, signal);
    return { do: 'timed-out', output: '' };
  }

  usage(id: ContainerId): Promise<ContainerUsage | undefined> {
    return this.#answer(() => {
      const container = this.#machine.containers.get(id);
      if (container?.state.phase !== 'running') return undefined;
      const { name } = container.spec.mark.pod;
      return { memoryBytes: this.#machine.memory.get(name) ?? 1, processes: 1 };
    });
  }

  diskUsage(id: ContainerId): Promise<DiskUsage> {
    return this.#answer(() => {
      const container = this.#machine.containers.get(id);
      if (!container) return noDiskUsage;
      const { name } = container.spec.mark.pod;
      const logged = container.lines.reduce((total, { text }) => total + text.length, 0);
      const bytes = (this.#machine.disk.get(name) ?? 0) + logged;
      return { bytes, inodes: this.#machine.inodes.get(name) ?? 1 };
    });
  }

  images(): Promise<readonly ListedImage[]> {
    return this.#answer(() =>
      [...this.#machine.images].map(([name, id]) => ({ id, names: [name], bytes: 1 })),
    );
  }

  removeImage({ id, names }: ListedImage): Promise<void> {
    return this.#answer(() => {
      const inUse = [...this.#machine.containers.values()].some(({ spec }) => spec.imageId === id);
      if (!inUse) for (const name of names) this.#machine.images.delete(name);
    });
  }

  async *logs(id: ContainerId, { tailLines }: LogOptions): AsyncGenerator<LogLine, void> {
    const { lines } = await this.#answer(() => this.#container(id));
    yield* tailLines === undefined ? lines : lines.slice(Math.max(0, lines.length - tailLines));
  }

  async *events(signal: AbortSignal): AsyncGenerator<RuntimeEvent, void> {
    await this.#answer(() => undefined);
    const heard: (RuntimeEvent | undefined)[] = [];
    let wake = (): void => undefined;
    const listener = (event: RuntimeEvent | undefined): void => {
      heard.push(event);
      wake();
    };
    this.#machine.listeners.add(listener);
    signal.addEventListener('abort', () => wake());
    try {
      yield { type: 'attached' };
      while (!signal.aborted) {
        if (heard.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        for (const event of heard.splice(0)) {
          if (!event) throw new RuntimeUnavailable('the fake runtime went away');
          yield event;
        }
      }
    } finally {
      this.#machine.listeners.delete(listener);
    }
  }

  #container(id: ContainerId): FakeContainer {
    const container = this.#machine.containers.get(id);
    if (!container) throw new StartFailed(`no container ${id}`);
    return container;
  }

  #answer<T>(act: () => T): Promise<T> {
    return Promise.resolve().then(() => {
      if (this.#machine.outage !== undefined) throw new RuntimeUnavailable(this.#machine.outage);
      return act();
    });
  }
}

function linesOf(spec: ContainerSpec, command: string, words: readonly string[]): LogLine[] {
  const line = (stream: LogLine['stream'], text: string): LogLine => ({
    stream,
    time: '2026-01-01T00:00:00.000000000Z',
    text,
    full: true,
  });
  if (command === 'prints') return [line('stdout', words[0] ?? ''), line('stderr', words[1] ?? '')];
  if (command !== 'shows') return [line('stdout', 'ready')];
  const greeting = spec.env.find(({ name }) => name === 'GREETING')?.value ?? '';
  const [mount] = spec.mounts;
  const content = mount ? readFileSync(join(mount.hostPath, 'key'), 'utf8').trimEnd() : '';
  return [line('stdout', greeting), line('stdout', content)];
}
