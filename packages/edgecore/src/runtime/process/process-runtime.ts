import { constants } from 'node:os';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@skerry/shared/clock';
import { EdgeError, codeOf, messageOf } from '@skerry/shared/errors';
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
import { readUsage, type ContainerUsage } from '../cgroup.ts';
import type { ContainerSpec, SandboxSpec } from '../container-spec.ts';
import { usageBelow, type DiskUsage } from '../disk-usage.ts';
import { groupByPod, type ContainerId, type ObservedPod } from '../observed.ts';
import { CreateFailed, ExecFailed, RuntimeUnavailable, StartFailed } from '../runtime-errors.ts';
import { DEFAULT_PATH, environmentOf, findProgram, isDirectory } from './command.ts';
import { startErrorMessage } from './exit-record.ts';
import { currentBootId, isAlive } from './process-identity.ts';
import { execProcess } from './process-exec.ts';
import { readLog } from './process-logs.ts';
import {
  readContainer,
  readSandbox,
  readSpec,
  readSupervisor,
  type SandboxRecord,
} from './process-observe.ts';
import { installShim, launch, type Launch } from './shim.ts';
import { StateDir, idOf, idsIn, readText, writeWhole } from './state-dir.ts';
import { linkLastWords, linkVolumes } from './volume-links.ts';
import { watchDirectories } from './watch-directories.ts';

/** How long a killed process may take to be gone, before we say that it does not die. */
const KILL_PATIENCE_MS = 10_000;
/** Tells the shim to kill its process group. */
const KILL_SIGNAL = 'SIGUSR1';

export interface ProcessOptions {
  /** Where the runtime keeps its state. */
  readonly stateDir: string;
  /** Address of the machine, which is every process's. */
  readonly hostAddress: () => string | undefined;
  readonly clock: Clock;
}

/**
 * Runs containers as processes of the host, for machines without a container engine. A pod asks for
 * it with `runtimeClassName: process`.
 *
 * - `command` and `args` run on the machine's own file system as the agent's user, or `runAsUser`;
 *   the image is not used, and need not exist.
 * - The environment is what the pod says, the agent's PATH unless it says one, and `SKERRY_ROOT`: a
 *   directory in which every volume is linked at its mount path. Without `workingDir` the process
 *   starts there, so `etc/app.conf` is what a container would find at `/etc/app.conf`.
 * - A process and everything it started end together. Its supervisor, a few kilobytes, keeps its log
 *   bounded and records its end also while the agent is away; only if the supervisor itself is killed
 *   or the machine stops is the exit code not known, and then said so (`ContainerStatusUnknown`).
 * - Namespaces, resource limits, capabilities, read-only mounts, published ports and terminals are
 *   what container engines are for: they are not applied.
 */
export async function openProcessRuntime(options: ProcessOptions): Promise<ContainerRuntime> {
  const state = new StateDir(options.stateDir);
  await state.prepare();
  return new ProcessRuntime(options, state, await installShim(state.bin, process.arch));
}

class ProcessRuntime implements ContainerRuntime {
  readonly name = 'process';
  readonly #options: ProcessOptions;
  readonly #state: StateDir;
  readonly #shim: string;

  constructor(options: ProcessOptions, state: StateDir, shim: string) {
    this.#options = options;
    this.#state = state;
    this.#shim = shim;
  }

  version(_signal: AbortSignal): Promise<RuntimeVersion> {
    return Promise.resolve({ version: '1' });
  }

  async list(
    selector: PodSelector | undefined,
    signal: AbortSignal,
  ): Promise<readonly ObservedPod[]> {
    signal.throwIfAborted();
    const state = this.#state;
    const ip = this.#options.hostAddress();
    const [sandboxIds, containerIds] = await Promise.all([
      idsIn(state.sandboxes, selector),
      idsIn(state.containers, selector),
    ]);
    const sandboxes = await Promise.all(sandboxIds.map((id) => readSandbox(state, id, ip)));
    const containers = await Promise.all(containerIds.map((id) => readContainer(state, id)));
    return groupByPod(
      sandboxes.filter((sandbox) => sandbox !== undefined),
      containers.filter((container) => container !== undefined),
    );
  }

  /** A process needs no image: whatever the pod names will do. */
  ensureImage({ name }: ImageWish): Promise<HeldImage> {
    return Promise.resolve({ id: name, pulled: false });
  }

  /** A process runs as the agent does. */
  imageUser(): Promise<string> {
    return Promise.resolve(String(process.getuid?.() ?? 0));
  }

  async runSandbox({ mark }: SandboxSpec, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const startedAt = this.#options.clock.now();
    const record: SandboxRecord = { mark, startedAt, bootId: await currentBootId() };
    await writeWhole(this.#state.sandbox(idOf(mark)), JSON.stringify(record)).catch(failCreate);
  }

  async removeSandbox(id: ContainerId): Promise<void> {
    await rm(this.#state.sandbox(id), { force: true });
  }

  async createContainer(spec: ContainerSpec, signal: AbortSignal): Promise<ContainerId> {
    signal.throwIfAborted();
    if (spec.command.length === 0)
      throw new CreateFailed('a pod of runtimeClassName process must say its command');
    if (!(await isDirectory(spec.workingDir ?? '/')))
      throw new CreateFailed(`working directory ${spec.workingDir ?? ''} is not there`);
    const id = idOf(spec.mark);
    const directory = this.#state.container(id);
    if ((await readSpec(this.#state, id)) !== undefined)
      throw new CreateFailed(`container ${id} is there already`);
    try {
      await rm(directory, { recursive: true, force: true }); // of a creation that was cut short
      await mkdir(directory, { mode: 0o711 });
      await linkVolumes(join(directory, 'root'), spec.mounts);
      await linkLastWords(join(directory, 'root'), spec);
      await writeWhole(join(directory, 'spec'), JSON.stringify(spec));
    } catch (error) {
      return failCreate(error);
    }
    return id;
  }

  async startContainer(id: ContainerId, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const spec = await readSpec(this.#state, id);
    if (!spec) throw new StartFailed(`no container ${id}`);
    const directory = this.#state.container(id);
    const argv = [...spec.command, ...spec.args];
    const [program = ''] = argv;
    const answer = await launch({
      shim: this.#shim,
      directory,
      exitPath: this.#state.exit(id),
      uid: spec.security.runAsUser ?? -1,
      gid: spec.security.runAsGroup ?? -1,
      ...(await this.#invocation(id, spec, argv)),
    });
    if (answer.do === 'failed' && answer.errno !== constants.errno.EEXIST)
      throw new StartFailed(startErrorMessage(program, answer.errno));
  }

  async stopContainer(id: ContainerId, graceSeconds: number, signal: AbortSignal): Promise<void> {
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const ended = this.#ended(id, either);
    ended.catch(() => undefined); // whoever does not wait for it does not need it
    try {
      if (!(await this.#signal(id, 'SIGTERM'))) return;
      if (await this.#within(graceSeconds * 1000, ended, either)) return;
      if (!(await this.#signal(id, KILL_SIGNAL))) return;
      if (await this.#within(KILL_PATIENCE_MS, ended, either)) return;
      if (await this.#signal(id, KILL_SIGNAL))
        throw new RuntimeUnavailable(`process container ${id} does not end when killed`);
    } finally {
      stop.abort();
    }
  }

  async removeContainer(id: ContainerId, signal: AbortSignal): Promise<void> {
    await this.stopContainer(id, 0, signal);
    await rm(this.#state.exit(id), { force: true });
    await rm(this.#state.container(id), { recursive: true, force: true });
  }

  async execSync(
    id: ContainerId,
    command: readonly string[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<ExecOutcome> {
    signal.throwIfAborted();
    const container = await readContainer(this.#state, id);
    const spec = await readSpec(this.#state, id);
    if (!spec || container?.state.phase !== 'running')
      throw new ExecFailed(`container ${id} is not running`);
    const { runAsUser: uid, runAsGroup: gid } = spec.security;
    const invocation = await this.#invocation(id, spec, command);
    return execProcess({ ...invocation, uid, gid, timeoutMs }, signal);
  }

  async usage(id: ContainerId): Promise<ContainerUsage | undefined> {
    if ((await readText(this.#state.exit(id))) !== undefined) return undefined;
    const identity = (await readSupervisor(this.#state, id))?.identity;
    if (!identity || !(await isAlive(identity))) return undefined;
    return readUsage(identity.pid);
  }

  /** A process writes where it may; of that only its log is its own. */
  diskUsage(id: ContainerId): Promise<DiskUsage> {
    return usageBelow(this.#state.container(id));
  }

  /** A process has none. */
  images(): Promise<readonly ListedImage[]> {
    return Promise.resolve([]);
  }

  removeImage(): Promise<void> {
    return Promise.resolve();
  }

  async *logs(
    id: ContainerId,
    options: LogOptions,
    signal: AbortSignal,
  ): AsyncGenerator<LogLine, void> {
    const container = await readContainer(this.#state, id);
    if (!container) return;
    const hasEnded = async (): Promise<boolean> =>
      (await readContainer(this.#state, id))?.state.phase !== 'running';
    const directory = this.#state.container(id);
    yield* readLog({ directory, exits: this.#state.exits, hasEnded }, options, signal);
  }

  async *events(signal: AbortSignal): AsyncGenerator<RuntimeEvent, void> {
    const names = watchDirectories([this.#state.exits], signal);
    yield { type: 'attached' };
    for await (const id of names) {
      const spec = await readSpec(this.#state, id);
      const hasEnded = (await readText(this.#state.exit(id))) !== undefined;
      if (spec && hasEnded) yield { type: 'exited', pod: spec.mark.pod };
    }
  }

  /** A command as it runs in this container. */
  async #invocation(
    id: ContainerId,
    spec: ContainerSpec,
    argv: readonly string[],
  ): Promise<Invocation> {
    const root = join(this.#state.container(id), 'root');
    const workingDir = spec.workingDir ?? root;
    const env = environmentOf(spec, root);
    const path = env['PATH'] ?? DEFAULT_PATH;
    return { workingDir, program: await findProgram(argv[0] ?? '', path, workingDir), argv, env };
  }

  /** Resolves when the container's end is recorded, be it before anybody listened; `signal` must end. */
  async #ended(id: ContainerId, signal: AbortSignal): Promise<void> {
    const names = watchDirectories([this.#state.exits], signal);
    if ((await readText(this.#state.exit(id))) !== undefined) return;
    for await (const name of names) if (name === id) return;
  }

  async #within(ms: number, ended: Promise<void>, signal: AbortSignal): Promise<boolean> {
    const slept = this.#options.clock.sleep(ms, signal).then(() => false);
    slept.catch(() => undefined); // when the end came first, its rejection is nobody's
    const first = await Promise.race([ended.then(() => true), slept]);
    signal.throwIfAborted();
    return first;
  }

  /** Signals the supervisor; false when nothing runs any more. */
  async #signal(id: ContainerId, signalName: NodeJS.Signals): Promise<boolean> {
    const identity = (await readSupervisor(this.#state, id))?.identity;
    if (!identity || !(await isAlive(identity))) return false;
    try {
      process.kill(identity.pid, signalName);
      return true;
    } catch (error) {
      if (codeOf(error) === 'ESRCH') return false;
      throw error;
    }
  }
}

type Invocation = Pick<Launch, 'workingDir' | 'program' | 'argv' | 'env'>;

function failCreate(error: unknown): never {
  if (error instanceof EdgeError) throw error;
  throw new CreateFailed(messageOf(error), { cause: error });
}
