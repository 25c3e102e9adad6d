import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { doubling } from '@skerry/shared/backoff';
import type { Clock } from '@skerry/shared/clock';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { Log } from '@skerry/shared/log';
import type { Metrics } from '@skerry/shared/metrics';
import type { ContainerRuntime, RuntimeEvent } from './container-runtime.ts';
import { openDockerRuntime, type DockerOptions } from './docker/docker-runtime.ts';
import { measuredRuntime } from './measured-runtime.ts';
import { openProcessRuntime } from './process/process-runtime.ts';
import { RuntimeUnavailable } from './runtime-errors.ts';

/** `runtimeClassName` of pods that run as processes of the host. */
export const PROCESS_RUNTIME_CLASS = 'process';

/** Delays between attempts to reach a runtime, milliseconds. */
const RECONNECT = { firstMs: 250, maxMs: 10_000 };

export type RuntimeHealth =
  /** Not yet asked. */
  | { readonly phase: 'starting' }
  | { readonly phase: 'ready'; readonly runtime: ContainerRuntime; readonly version: string }
  /** Nothing is there for this agent, and nothing ever was since it started. */
  | { readonly phase: 'absent'; readonly message: string }
  /** It is there, or was, and does not answer as it should. */
  | { readonly phase: 'ill'; readonly message: string };

/** Which runtime runs a pod. */
export type Selection =
  | { readonly do: 'run'; readonly runtime: ContainerRuntime }
  /** Not known yet; news will come. */
  | { readonly do: 'wait' }
  /** None can now; the message says why, and what to do. */
  | { readonly do: 'refuse'; readonly message: string };

/** What listeners of `Runtimes` hear. */
export type RuntimesNews =
  | { readonly type: 'health'; readonly runtime: string }
  | { readonly type: 'event'; readonly runtime: ContainerRuntime; readonly event: RuntimeEvent };

/** A runtime that may be there. */
export interface RuntimeSource {
  /** `docker`, `process`. */
  readonly name: string;
  readonly open: () => Promise<ContainerRuntime>;
}

/** The container runtimes of this machine, whether or not they are there now. */
export class Runtimes {
  readonly #sources: readonly RuntimeSource[];
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #health = new Map<string, RuntimeHealth>();
  readonly #listeners = new Set<(news: RuntimesNews) => void>();

  /** The first source is the one of pods without a `runtimeClassName`. */
  constructor(
    sources: readonly RuntimeSource[],
    { clock, log }: { readonly clock: Clock; readonly log: Log },
  ) {
    this.#sources = sources;
    this.#clock = clock;
    this.#log = log;
    for (const { name } of sources) this.#health.set(name, { phase: 'starting' });
  }

  /** Which runtime runs a pod of this class. */
  select(runtimeClassName: string | undefined): Selection {
    const name = runtimeClassName ?? this.#sources[0]?.name ?? '';
    const health = this.#health.get(name);
    switch (health?.phase) {
      case 'starting':
        return { do: 'wait' };
      case 'ready':
        return { do: 'run', runtime: health.runtime };
      case 'absent':
      case 'ill':
        return { do: 'refuse', message: `${health.message}; ${advice}` };
      case undefined:
        return { do: 'refuse', message: unknownClass(name, this.#sources) };
    }
  }

  /** Those that answer now. */
  ready(): ContainerRuntime[] {
    return [...this.#health.values()].flatMap((health) =>
      health.phase === 'ready' ? [health.runtime] : [],
    );
  }

  /** By name, in the order of preference. */
  health(): ReadonlyMap<string, RuntimeHealth> {
    return this.#health;
  }

  /** Calls `listener` with all news until the answer is called. It must only take note. */
  listen(listener: (news: RuntimesNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Watches every runtime, and looks for those that are away, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#sources.map((source) => this.#watch(source, signal)));
  }

  async #watch(source: RuntimeSource, signal: AbortSignal): Promise<void> {
    let delays = doubling(RECONNECT);
    for (;;) {
      await this.#attend(source, signal, () => (delays = doubling(RECONNECT))).catch(
        (error: unknown) => {
          if (!signal.aborted) this.#lost(source.name, error);
        },
      );
      if (signal.aborted) return;
      await this.#clock.sleep(delays.next().value, signal).catch(() => undefined);
    }
  }

  /** Listens to one runtime until it is lost. */
  async #attend(source: RuntimeSource, signal: AbortSignal, reached: () => void): Promise<void> {
    const runtime = await source.open();
    const { version } = await runtime.version(signal);
    for await (const event of runtime.events(signal)) {
      if (event.type === 'attached') {
        reached();
        this.#turned(source.name, { phase: 'ready', runtime, version });
      } else this.#tell({ type: 'event', runtime, event });
    }
  }

  #lost(name: string, error: unknown): void {
    const message = messageOf(error);
    const before = this.#health.get(name)?.phase;
    const neverThere = before === 'starting' || before === 'absent';
    const absent = neverThere && error instanceof RuntimeUnavailable && error.absent;
    this.#turned(name, { phase: absent ? 'absent' : 'ill', message });
  }

  #turned(name: string, health: RuntimeHealth): void {
    const before = this.#health.get(name);
    this.#health.set(name, health);
    if (before?.phase === health.phase && health.phase !== 'ready') return;
    const facts = { runtime: name, phase: health.phase };
    if (health.phase === 'ready') this.#log.info({ ...facts, version: health.version }, 'runtime');
    else this.#log.warn({ ...facts, ...health }, 'runtime');
    this.#tell({ type: 'health', runtime: name });
  }

  #tell(news: RuntimesNews): void {
    for (const listener of this.#listeners) listener(news);
  }
}

const advice = `start one, or give the pod runtimeClassName: ${PROCESS_RUNTIME_CLASS} to run its command as a process of this machine`;

function unknownClass(name: string, sources: readonly RuntimeSource[]): string {
  const known = sources.map((source) => source.name).join(', ');
  return `RuntimeClass "${name}" not found on this node; it has: ${known}`;
}

export interface RuntimesOptions {
  /** In the form of DOCKER_HOST. */
  readonly dockerAddress: string;
  /** Whose containers on the engine are ours: the node's name. */
  readonly owner: string;
  /** Where seccomp profiles are that pods may name. */
  readonly seccompDir: string;
  /** Where processes are kept track of. */
  readonly processStateDir: string;
  readonly hostAddress: () => string | undefined;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** The Docker Engine for most pods, processes of the host for those that ask for it. */
export function machineRuntimes(options: RuntimesOptions): Runtimes {
  const { owner, seccompDir, processStateDir: stateDir, hostAddress, clock } = options;
  const engine = { address: options.dockerAddress, owner, seccompDir, clock };
  const measured = measuredRuntime(options);
  return new Runtimes(
    [
      { name: 'docker', open: async () => measured(await openEngine(engine)) },
      {
        name: PROCESS_RUNTIME_CLASS,
        open: async () => measured(await openProcessRuntime({ stateDir, hostAddress, clock })),
      },
    ],
    options,
  );
}

/** No socket, or one that only others may use: this agent has no engine. */
function isNotForUs(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'EACCES';
}

/** Looks for the socket first, to tell a machine without an engine from one that does not answer. */
async function openEngine(engine: DockerOptions): Promise<ContainerRuntime> {
  const { address } = engine;
  if (address.startsWith('unix://')) {
    await access(address.slice(7), constants.R_OK | constants.W_OK).catch((error: unknown) => {
      throw new RuntimeUnavailable(`no container engine at ${address}: ${messageOf(error)}`, {
        absent: isNotForUs(error),
        cause: error,
      });
    });
  }
  return openDockerRuntime(engine);
}
