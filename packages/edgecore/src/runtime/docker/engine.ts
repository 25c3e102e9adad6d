import { statfs } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { RegistryCredential } from '../container-runtime.ts';
import { RuntimeUnavailable } from '../runtime-errors.ts';
import { EngineRefused, absentAs404, refusal } from './engine-refused.ts';
import { spareHeavyImports } from './spare-imports.ts';
import type {
  ContainerReport,
  ContainerSummary,
  CreateOptions,
  EngineEvent,
  EngineVersion,
  ExecReport,
  ImageReport,
  ImageSummary,
} from './engine-types.ts';
import { untyped, type PullProgress } from './untyped-engine.ts';

/** The oldest Docker Engine API the adapter speaks; Podman 4 serves it too. */
export const ENGINE_API_VERSION = 'v1.41';

/** How long the engine may take to answer anything but a pull, a stop or a stream. */
const ANSWER_TIMEOUT_MS = 60_000;

/**
 * The Docker Engine as the adapter needs it, over dockerode. Nothing else imports dockerode, and it
 * is loaded here and now: an agent without an engine need not pay for it.
 *
 * Throws EngineRefused, RuntimeUnavailable, or the reason of the signal that ended the call.
 */
export class Engine {
  /** Where the engine is, for people: `unix:///var/run/docker.sock`. */
  readonly address: string;
  readonly #docker: Dockerode;

  private constructor(address: string, docker: Dockerode) {
    this.address = address;
    this.#docker = docker;
  }

  /** Dials nothing yet. `address` is in the form of DOCKER_HOST: `unix://PATH` or `tcp://HOST:PORT`. */
  static async open(address: string): Promise<Engine> {
    spareHeavyImports();
    const { default: Docker } = await import('dockerode');
    return new Engine(address, new Docker(dialling(address)));
  }

  version(signal: AbortSignal): Promise<EngineVersion> {
    return this.#ask(signal, (abortSignal) => untyped(this.#docker).version({ abortSignal }));
  }

  /** Every container with all of these labels, running or not. */
  containers(labels: readonly string[], signal: AbortSignal): Promise<readonly ContainerSummary[]> {
    const filters = { label: [...labels] };
    return this.#ask(signal, (abortSignal) =>
      this.#docker.listContainers({ all: true, filters, abortSignal }),
    );
  }

  /** Undefined when there is no such container. What it has written is told only if asked for by `size`. */
  container(
    id: string,
    signal: AbortSignal,
    { size = false }: { readonly size?: boolean } = {},
  ): Promise<ContainerReport | undefined> {
    return absentAs404(
      this.#ask(signal, (abortSignal) =>
        untyped(this.#docker.getContainer(id)).inspect({ size, abortSignal }),
      ),
    );
  }

  async create(name: string, options: CreateOptions, signal: AbortSignal): Promise<string> {
    const asked = { name, ...options } as Dockerode.ContainerCreateOptions;
    const { id } = await this.#ask(signal, (abortSignal) =>
      this.#docker.createContainer({ ...asked, abortSignal }),
    );
    return id;
  }

  async start(id: string, signal: AbortSignal): Promise<void> {
    await this.#ask(signal, (abortSignal) => this.#docker.getContainer(id).start({ abortSignal }));
  }

  /** SIGTERM, or what the image asks for, then SIGKILL after `graceSeconds`; waits for the end. */
  async stop(id: string, graceSeconds: number, signal: AbortSignal): Promise<void> {
    const patience = ANSWER_TIMEOUT_MS + graceSeconds * 1000;
    await this.#ask(
      signal,
      (abortSignal) => this.#docker.getContainer(id).stop({ t: graceSeconds, abortSignal }),
      patience,
    );
  }

  async remove(id: string, signal: AbortSignal): Promise<void> {
    await this.#ask(signal, (abortSignal) =>
      this.#docker.getContainer(id).remove({ force: true, v: true, abortSignal }),
    );
  }

  /** Makes ready to run a command in a running container; answers by which id it is known. */
  async createExec(id: string, command: readonly string[], signal: AbortSignal): Promise<string> {
    const options = { Cmd: [...command], AttachStdout: true, AttachStderr: true };
    const exec = await this.#ask(signal, (abortSignal) =>
      this.#docker.getContainer(id).exec({ ...options, abortSignal }),
    );
    return exec.id;
  }

  /** Runs it; its output as the engine frames it, until it ends or `signal` aborts. */
  startExec(execId: string, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    return this.#converse(signal, () =>
      this.#docker.getExec(execId).start({ Detach: false, Tty: false, abortSignal: signal }),
    );
  }

  exec(execId: string, signal: AbortSignal): Promise<ExecReport> {
    return this.#ask(signal, (abortSignal) =>
      untyped(this.#docker.getExec(execId)).inspect({ abortSignal }),
    );
  }

  /** Undefined when the image is not here. */
  image(name: string, signal: AbortSignal): Promise<ImageReport | undefined> {
    return absentAs404(
      this.#ask(signal, (abortSignal) =>
        untyped(this.#docker.getImage(name)).inspect({ abortSignal }),
      ),
    );
  }

  images(signal: AbortSignal): Promise<readonly ImageSummary[]> {
    return this.#ask(signal, (abortSignal) => this.#docker.listImages({ abortSignal }));
  }

  /** One name of an image, or its id; with the last of its names it goes itself. */
  async removeImage(name: string, signal: AbortSignal): Promise<void> {
    await this.#ask(signal, (abortSignal) => this.#docker.getImage(name).remove({ abortSignal }));
  }

  /** The progress of a pull as the engine streams it; a failure of the pull is its last message. */
  async *pull(
    name: string,
    credential: RegistryCredential | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<PullProgress, void> {
    const authconfig = credential && authConfig(credential);
    const stream = await this.#converse(signal, () =>
      this.#docker.pull(name, { abortSignal: signal, ...(authconfig && { authconfig }) }),
    );
    yield* this.#objects<PullProgress>(stream, signal);
  }

  /** Bytes free where images are kept; undefined for an engine whose disk is not this machine's. */
  async freeBytes(signal: AbortSignal): Promise<number | undefined> {
    const { DockerRootDir } = await this.#ask(signal, (abortSignal) =>
      untyped(this.#docker).info({ abortSignal }),
    );
    const found = await statfs(DockerRootDir).catch(() => undefined);
    return found && found.bavail * found.bsize;
  }

  /** Makes an image from the tar of a root filesystem; `changes` are Dockerfile instructions. */
  async importImage(
    tar: Buffer,
    image: { readonly repo: string; readonly tag: string; readonly changes: string },
    signal: AbortSignal,
  ): Promise<void> {
    const stream = await this.#ask(signal, (abortSignal) =>
      this.#docker.importImage(tar as never, { ...image, abortSignal }),
    );
    for await (const { error } of this.#objects<PullProgress>(stream as never, signal))
      if (error !== undefined) throw new EngineRefused(500, error, undefined);
  }

  /** Resolves once the engine streams: from then on no event is missed. */
  async events(
    labels: readonly string[],
    signal: AbortSignal,
  ): Promise<AsyncGenerator<EngineEvent, void>> {
    const filters = JSON.stringify({ type: ['container'], label: labels });
    const stream = await this.#converse(signal, () =>
      untyped(this.#docker).getEvents({ filters, abortSignal: signal }),
    );
    return this.#objects<EngineEvent>(stream, signal);
  }

  /** The log as the engine frames it: multiplexed, or raw for a container with a terminal. */
  logs(
    id: string,
    query: { readonly follow: boolean; readonly tail: number | 'all' },
    signal: AbortSignal,
  ): Promise<AsyncIterable<Buffer>> {
    // dockerode's own `logs` gathers an unfollowed log in memory, and parses it when it is JSON
    return this.#converse(
      signal,
      () =>
        new Promise<Readable>((resolve, reject) => {
          this.#docker.modem.dial(
            {
              path: `/containers/${id}/logs?`,
              method: 'GET',
              options: { ...query, stdout: true, stderr: true, timestamps: true },
              abortSignal: signal,
              isStream: true,
              statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
            },
            (error, stream) => {
              if (error) reject(error);
              else resolve(stream as Readable);
            },
          );
        }),
    );
  }

  #ask<T>(
    signal: AbortSignal,
    call: (abortSignal: AbortSignal) => Promise<T>,
    patienceMs = ANSWER_TIMEOUT_MS,
  ): Promise<T> {
    const patience = AbortSignal.timeout(patienceMs);
    return call(AbortSignal.any([signal, patience])).catch((error: unknown) => {
      throw this.#explained(error, signal);
    });
  }

  async #converse(signal: AbortSignal, call: () => Promise<unknown>): Promise<Readable> {
    try {
      return (await call()) as Readable;
    } catch (error) {
      throw this.#explained(error, signal);
    }
  }

  /** One JSON object per line. */
  async *#objects<T>(stream: Readable, signal: AbortSignal): AsyncGenerator<T, void> {
    let rest = '';
    try {
      for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line.trim() !== '') yield JSON.parse(line) as T;
      }
    } catch (error) {
      throw this.#explained(error, signal);
    } finally {
      stream.destroy();
    }
  }

  #explained(error: unknown, signal: AbortSignal): Error {
    if (signal.aborted) return signal.reason as Error;
    if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number')
      return new EngineRefused(error.statusCode, refusal(error), error);
    return new RuntimeUnavailable(
      `no container engine answers at ${this.address}: ${messageOf(error)}`,
      { absent: codeOf(error) === 'ENOENT', cause: error },
    );
  }
}

/** `X-Registry-Auth` of the Engine API. */
function authConfig({
  registry,
  username,
  password,
  identityToken,
}: RegistryCredential): Dockerode.AuthConfig {
  return {
    username,
    password,
    serveraddress: registry,
    ...(identityToken !== undefined && { identitytoken: identityToken }),
  };
}

function dialling(address: string): Dockerode.DockerOptions {
  // `host: undefined` keeps the environment's DOCKER_HOST from overriding what was configured.
  const common = { version: ENGINE_API_VERSION, host: undefined };
  if (address.startsWith('unix://')) return { ...common, socketPath: address.slice(7) };
  const { hostname, port, protocol } = new URL(address);
  return {
    ...common,
    host: hostname,
    port: Number(port || 2375),
    protocol: protocol === 'https:' ? 'https' : 'http',
  };
}
