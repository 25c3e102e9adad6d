import type { Clock } from '@skerry/shared/clock';
import { messageOf } from '@skerry/shared/errors';
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
import { noDiskUsage, type DiskUsage } from '../disk-usage.ts';
import { groupByPod, type ContainerId, type ObservedPod } from '../observed.ts';
import { CreateFailed, RuntimeUnavailable, StartFailed } from '../runtime-errors.ts';
import { containerDiskUsage } from './container-disk.ts';
import { containerOptions, sandboxOptions } from './create-options.ts';
import { EngineRefused } from './engine-refused.ts';
import { Engine } from './engine.ts';
import type { CreateOptions, EngineEvent, ImageSummary } from './engine-types.ts';
import { execInContainer } from './exec.ts';
import { ensureImage } from './images.ts';
import { engineName, isSandbox, ownerFilter, podOf } from './labels.ts';
import { framedLines, rawLines } from './log-frames.ts';
import { observeContainer, observeSandbox } from './observe.ts';
import { seccompOption } from './seccomp.ts';
import { importPauseImage, pauseImage, type PauseImage } from './pause-image.ts';

export interface DockerOptions {
  /** In the form of DOCKER_HOST: `unix://PATH` or `tcp://HOST:PORT`. */
  readonly address: string;
  /** Whose containers these are. Agents that share an engine must differ in it. */
  readonly owner: string;
  readonly clock: Clock;
  /** Where seccomp profiles of this machine are, for pods that name one. */
  readonly seccompDir?: string | undefined;
}

/** Opens the adapter. The engine is not asked yet, and need not be there. */
export async function openDockerRuntime(options: DockerOptions): Promise<ContainerRuntime> {
  return new DockerRuntime(await Engine.open(options.address), options);
}

/** Pods on a Docker Engine, or whatever serves its API (Podman does). */
class DockerRuntime implements ContainerRuntime {
  readonly name = 'docker';
  readonly #engine: Engine;
  readonly #owner: string;
  readonly #clock: Clock;
  readonly #seccompDir: string | undefined;
  readonly #pause: PauseImage = pauseImage(process.arch);
  #importing: Promise<void> | undefined;

  constructor(engine: Engine, { owner, clock, seccompDir }: DockerOptions) {
    this.#engine = engine;
    this.#seccompDir = seccompDir;
    this.#owner = owner;
    this.#clock = clock;
  }

  async version(signal: AbortSignal): Promise<RuntimeVersion> {
    try {
      const { Version } = await this.#engine.version(signal);
      return { version: Version };
    } catch (error) {
      throw error instanceof EngineRefused ? this.#tooOld(error) : error;
    }
  }

  async list(
    selector: PodSelector | undefined,
    signal: AbortSignal,
  ): Promise<readonly ObservedPod[]> {
    const found = await this.#engine.containers(ownerFilter(this.#owner, selector), signal);
    const reports = await Promise.all(found.map(({ Id }) => this.#engine.container(Id, signal)));
    const present = reports.filter((report) => report !== undefined);
    const [sandboxes, containers] = [
      present.filter(({ Config }) => isSandbox(Config.Labels)),
      present.filter(({ Config }) => !isSandbox(Config.Labels)),
    ];
    return groupByPod(sandboxes.map(observeSandbox), containers.map(observeContainer));
  }

  ensureImage(wish: ImageWish, signal: AbortSignal): Promise<HeldImage> {
    const freeBytes = (): Promise<number | undefined> => this.#engine.freeBytes(signal);
    return ensureImage({ engine: this.#engine, clock: this.#clock, freeBytes }, wish, signal);
  }

  async imageUser(imageId: string, signal: AbortSignal): Promise<string> {
    const report = await this.#engine.image(imageId, signal);
    return report?.Config?.User ?? '';
  }

  async runSandbox(spec: SandboxSpec, signal: AbortSignal): Promise<void> {
    const options = sandboxOptions(this.#owner, this.#pause.name, spec);
    const id = await this.#createSandbox(engineName(spec.mark), options, signal);
    try {
      await this.#engine.start(id, signal);
    } catch (error) {
      if (!(error instanceof EngineRefused)) throw error;
      await this.removeSandbox(id, signal); // a port that is taken must not leave a row of ruins
      throw new CreateFailed(error.message, { cause: error });
    }
  }

  removeSandbox(id: ContainerId, signal: AbortSignal): Promise<void> {
    return this.removeContainer(id, signal);
  }

  async createContainer(spec: ContainerSpec, signal: AbortSignal): Promise<ContainerId> {
    const name = engineName(spec.mark);
    const profile = await seccompOption(spec.security.seccomp, this.#seccompDir);
    const options = containerOptions(this.#owner, spec, profile);
    return this.#engine.create(name, options, signal).catch(failCreate);
  }

  async startContainer(id: ContainerId, signal: AbortSignal): Promise<void> {
    try {
      await this.#engine.start(id, signal);
    } catch (error) {
      throw error instanceof EngineRefused ? new StartFailed(error.message) : error;
    }
  }

  stopContainer(id: ContainerId, graceSeconds: number, signal: AbortSignal): Promise<void> {
    return this.#engine.stop(id, graceSeconds, signal).catch(done(304, 404));
  }

  removeContainer(id: ContainerId, signal: AbortSignal): Promise<void> {
    return this.#engine.remove(id, signal).catch(done(404, 409));
  }

  execSync(
    id: ContainerId,
    command: readonly string[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<ExecOutcome> {
    return execInContainer(this.#engine, { id, command, timeoutMs }, signal);
  }

  async usage(id: ContainerId, signal: AbortSignal): Promise<ContainerUsage | undefined> {
    const report = await this.#engine.container(id, signal);
    return report?.State.Running ? readUsage(report.State.Pid) : undefined;
  }

  async diskUsage(id: ContainerId, signal: AbortSignal): Promise<DiskUsage> {
    const report = await this.#engine.container(id, signal);
    const written = async (): Promise<number> =>
      (await this.#engine.container(id, signal, { size: true }))?.SizeRw ?? 0;
    return report ? containerDiskUsage(report, written) : noDiskUsage;
  }

  async images(signal: AbortSignal): Promise<readonly ListedImage[]> {
    const listed = await this.#engine.images(signal);
    return listed.map(listedImage).filter(({ names }) => !names.includes(this.#pause.name));
  }

  async removeImage({ id, names }: ListedImage, signal: AbortSignal): Promise<void> {
    const inUse = done(404, 409);
    for (const name of names) await this.#engine.removeImage(name, signal).catch(inUse);
    await this.#engine.removeImage(id, signal).catch(inUse);
  }

  async *logs(
    id: ContainerId,
    { tailLines, follow = false }: LogOptions,
    signal: AbortSignal,
  ): AsyncGenerator<LogLine, void> {
    const report = await this.#engine.container(id, signal);
    if (!report) return;
    const chunks = await this.#engine.logs(id, { follow, tail: tailLines ?? 'all' }, signal);
    yield* report.Config.Tty ? rawLines(chunks) : framedLines(chunks);
  }

  async *events(signal: AbortSignal): AsyncGenerator<RuntimeEvent, void> {
    const events = await this.#engine.events(ownerFilter(this.#owner), signal);
    yield { type: 'attached' };
    try {
      for await (const event of events) {
        const news = newsOf(event);
        if (news) yield news;
      }
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    throw new RuntimeUnavailable(`the container engine at ${this.#engine.address} went away`);
  }

  /** The sandbox image is there but for the first time, so it is not asked for but given on demand. */
  async #createSandbox(name: string, options: CreateOptions, signal: AbortSignal): Promise<string> {
    try {
      return await this.#engine.create(name, options, signal);
    } catch (error) {
      if (!(error instanceof EngineRefused) || error.status !== 404) return failCreate(error);
    }
    await this.#importPause(signal);
    return this.#engine.create(name, options, signal).catch(failCreate);
  }

  /** Once for all who wait for it: two imports at once would leave one image without a name. */
  #importPause(signal: AbortSignal): Promise<void> {
    this.#importing ??= importPauseImage(this.#engine, this.#pause, signal).finally(() => {
      this.#importing = undefined;
    });
    return this.#importing;
  }

  #tooOld(error: EngineRefused): RuntimeUnavailable {
    const message = `the container engine at ${this.#engine.address} does not serve us: ${messageOf(error)}`;
    return new RuntimeUnavailable(message, { cause: error });
  }
}

/** An image without a name shows as `<none>`. */
function listedImage({ Id, RepoTags, RepoDigests, Size }: ImageSummary): ListedImage {
  const names = [...(RepoTags ?? []), ...(RepoDigests ?? [])];
  return { id: Id, names: names.filter((name) => !name.includes('<none>')), bytes: Size };
}

function newsOf({ Action, Actor }: EngineEvent): RuntimeEvent | undefined {
  const pod = podOf(Actor.Attributes);
  if (Action === 'start') return { type: 'started', pod };
  if (Action === 'die') return { type: 'exited', pod };
  if (Action.startsWith('health_status')) return { type: 'health', pod };
  return Action === 'destroy' ? { type: 'removed', pod } : undefined;
}

/** Answers of the engine that mean: it is so already. */
function done(...statuses: readonly number[]): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof EngineRefused) || !statuses.includes(error.status)) throw error;
  };
}

function failCreate(error: unknown): never {
  throw error instanceof EngineRefused ? new CreateFailed(error.message, { cause: error }) : error;
}
