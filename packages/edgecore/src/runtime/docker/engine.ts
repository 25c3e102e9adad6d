import { statfs } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { codeOf, messageOf } from '@skerry/shared/errors';
import type { RegistryCredential } from '../container-runtime.ts';
import { RuntimeUnavailable } from '../runtime-errors.ts';
import { EngineHttp, EngineRefused, type EngineCall } from './engine-http.ts';
import type {
  ContainerReport,
  ContainerSummary,
  CreateOptions,
  EngineEvent,
  EngineVersion,
  ExecReport,
  ImageReport,
  ImageSummary,
  PullProgress,
} from './engine-types.ts';

/** How long the engine may take to answer anything but a pull, a stop or a stream. */
const ANSWER_TIMEOUT_MS = 60_000;

/**
 * The Docker Engine as the adapter needs it: its HTTP API (v1.41), without a client library, for an
 * agent that may be small (docs/decisions/0011-a-lean-agent.md).
 *
 * Throws EngineRefused, RuntimeUnavailable, or the reason of the signal that ended the call.
 */
export class Engine {
  /** Where the engine is, for people: `unix:///var/run/docker.sock`. */
  readonly address: string;
  readonly #http: EngineHttp;

  /** Dials nothing yet. `address` is in the form of DOCKER_HOST: `unix://PATH` or `tcp://HOST:PORT`. */
  constructor(address: string) {
    this.address = address;
    this.#http = new EngineHttp(address);
  }

  version(signal: AbortSignal): Promise<EngineVersion> {
    return this.#get('/version', signal);
  }

  /** Every container with all of these labels, running or not. */
  containers(labels: readonly string[], signal: AbortSignal): Promise<readonly ContainerSummary[]> {
    return this.#get('/containers/json', signal, { all: true, filters: { label: labels } });
  }

  /** Undefined when there is no such container. */
  container(id: string, signal: AbortSignal): Promise<ContainerReport | undefined> {
    return absentAs404(this.#get(`/containers/${id}/json`, signal));
  }

  async create(name: string, options: CreateOptions, signal: AbortSignal): Promise<string> {
    const call = { query: { name }, body: options };
    const { Id } = await this.#post<{ Id: string }>('/containers/create', call, signal);
    return Id;
  }

  async start(id: string, signal: AbortSignal): Promise<void> {
    await this.#post(`/containers/${id}/start`, {}, signal);
  }

  /** SIGTERM, or what the image asks for, then SIGKILL after `graceSeconds`; waits for the end. */
  async stop(id: string, graceSeconds: number, signal: AbortSignal): Promise<void> {
    const patience = ANSWER_TIMEOUT_MS + graceSeconds * 1000;
    await this.#post(`/containers/${id}/stop`, { query: { t: graceSeconds } }, signal, patience);
  }

  async remove(id: string, signal: AbortSignal): Promise<void> {
    const query = { force: true, v: true };
    await this.#ask({ method: 'DELETE', path: `/containers/${id}`, query }, signal);
  }

  /** Makes ready to run a command in a running container; answers by which id it is known. */
  async createExec(id: string, command: readonly string[], signal: AbortSignal): Promise<string> {
    const body = { Cmd: command, AttachStdout: true, AttachStderr: true };
    const { Id } = await this.#post<{ Id: string }>(`/containers/${id}/exec`, { body }, signal);
    return Id;
  }

  /** Runs it; its output as the engine frames it, until it ends or `signal` aborts. */
  startExec(execId: string, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const body = { Detach: false, Tty: false };
    return this.#stream({ method: 'POST', path: `/exec/${execId}/start`, body }, signal);
  }

  exec(execId: string, signal: AbortSignal): Promise<ExecReport> {
    return this.#get(`/exec/${execId}/json`, signal);
  }

  /** Undefined when the image is not here. */
  image(name: string, signal: AbortSignal): Promise<ImageReport | undefined> {
    return absentAs404(this.#get(`/images/${name}/json`, signal));
  }

  images(signal: AbortSignal): Promise<readonly ImageSummary[]> {
    return this.#get('/images/json', signal);
  }

  /** One name of an image, or its id; with the last of its names it goes itself. */
  async removeImage(name: string, signal: AbortSignal): Promise<void> {
    await this.#ask({ method: 'DELETE', path: `/images/${name}` }, signal);
  }

  /** The progress of a pull as the engine streams it; a failure of the pull is its last message. */
  async *pull(
    name: string,
    credential: RegistryCredential | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<PullProgress, void> {
    const query = { fromImage: withTag(name) };
    const headers = credential ? { 'x-registry-auth': registryAuth(credential) } : {};
    const call = { method: 'POST', path: '/images/create', query, headers } as const;
    yield* this.#objects<PullProgress>(await this.#stream(call, signal), signal);
  }

  /** Bytes free where images are kept; undefined for an engine whose disk is not this machine's. */
  async freeBytes(signal: AbortSignal): Promise<number | undefined> {
    const { DockerRootDir } = await this.#get<{ DockerRootDir: string }>('/info', signal);
    const found = await statfs(DockerRootDir).catch(() => undefined);
    return found && found.bavail * found.bsize;
  }

  /** Makes an image from the tar of a root filesystem; `changes` are Dockerfile instructions. */
  async importImage(
    tar: Buffer,
    image: { readonly repo: string; readonly tag: string; readonly changes: string },
    signal: AbortSignal,
  ): Promise<void> {
    const query = { fromSrc: '-', ...image };
    const call = { method: 'POST', path: '/images/create', query, body: tar } as const;
    for await (const { error } of this.#objects<PullProgress>(
      await this.#stream(call, signal),
      signal,
    ))
      if (error !== undefined) throw new EngineRefused(500, error);
  }

  /** Resolves once the engine streams: from then on no event is missed. */
  async events(
    labels: readonly string[],
    signal: AbortSignal,
  ): Promise<AsyncGenerator<EngineEvent, void>> {
    const query = { filters: { type: ['container'], label: labels } };
    const stream = await this.#stream({ method: 'GET', path: '/events', query }, signal);
    return this.#objects<EngineEvent>(stream, signal);
  }

  /** The log as the engine frames it: multiplexed, or raw for a container with a terminal. */
  logs(
    id: string,
    { follow, tail }: { readonly follow: boolean; readonly tail: number | 'all' },
    signal: AbortSignal,
  ): Promise<AsyncIterable<Buffer>> {
    const query = { follow, tail, stdout: true, stderr: true, timestamps: true };
    return this.#stream({ method: 'GET', path: `/containers/${id}/logs`, query }, signal);
  }

  #get<T>(path: string, signal: AbortSignal, query: EngineCall['query'] = {}): Promise<T> {
    return this.#json({ method: 'GET', path, query }, signal);
  }

  #post<T>(
    path: string,
    rest: Pick<EngineCall, 'query' | 'body'>,
    signal: AbortSignal,
    patienceMs?: number,
  ): Promise<T> {
    return this.#json({ method: 'POST', path, ...rest }, signal, patienceMs);
  }

  async #json<T>(call: EngineCall, signal: AbortSignal, patienceMs?: number): Promise<T> {
    const text = await this.#ask(call, signal, patienceMs);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  #ask(call: EngineCall, signal: AbortSignal, patienceMs = ANSWER_TIMEOUT_MS): Promise<string> {
    const either = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    return this.#http.ask(call, either).catch((error: unknown) => {
      throw this.#explained(error, signal);
    });
  }

  #stream(call: EngineCall, signal: AbortSignal): Promise<Readable> {
    return this.#http.open(call, signal).catch((error: unknown) => {
      throw this.#explained(error, signal);
    });
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
    if (error instanceof EngineRefused) return error;
    return new RuntimeUnavailable(
      `no container engine answers at ${this.address}: ${messageOf(error)}`,
      { absent: codeOf(error) === 'ENOENT', cause: error },
    );
  }
}

/** The engine would pull every tag of a name without one. */
export function withTag(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1);
  return /[:@]/.test(last) ? name : `${name}:latest`;
}

/** `X-Registry-Auth`, base64url as the engine reads it: padded. */
function registryAuth({ registry, username, password, identityToken }: RegistryCredential): string {
  const auth = {
    username,
    password,
    serveraddress: registry,
    ...(identityToken !== undefined && { identitytoken: identityToken }),
  };
  return Buffer.from(JSON.stringify(auth))
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}

async function absentAs404<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof EngineRefused && error.status === 404) return undefined;
    throw error;
  }
}
