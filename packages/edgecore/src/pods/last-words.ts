import { chmod, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '@skerry/shared/errors';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import type { ContainerSpec } from '../runtime/container-spec.ts';
import type { ContainerMark, Exited, ObservedContainer, ObservedPod } from '../runtime/observed.ts';
import type { Container } from './pod.ts';

/** What is taken of a message at most, and of a log in its place. */
const MAX_MESSAGE_BYTES = 4096;
const MAX_LOG_LINES = 80;
const MAX_LOG_BYTES = 2048;
/** Of each container so many runs are kept. */
const KEPT_RUNS = 2;
const DEFAULT_PATH = '/dev/termination-log';

/**
 * Makes the file for what a container wants to say about its end, which it sees at
 * `terminationMessagePath`. Undefined when it wants none.
 *
 * @see https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/
 */
export async function makeLastWords(
  directory: string,
  { name, terminationMessagePath = DEFAULT_PATH }: Container,
  attempt: number,
): Promise<ContainerSpec['lastWords']> {
  if (terminationMessagePath === '') return undefined;
  const hostPath = lastWordsPath(directory, { name, attempt });
  await mkdir(join(directory, 'last-words'), { recursive: true, mode: 0o711 });
  const forgotten = lastWordsPath(directory, { name, attempt: attempt - KEPT_RUNS });
  await rm(forgotten, { force: true });
  await (await open(hostPath, 'w')).close();
  await chmod(hostPath, 0o666); // whoever the container runs as
  return { hostPath, containerPath: terminationMessagePath };
}

type Said = Pick<ContainerMark, 'name' | 'attempt'>;

function lastWordsPath(directory: string, { name, attempt }: Said): string {
  return join(directory, 'last-words', `${name}.${attempt}`);
}

export interface HearingParts {
  readonly directory: string;
  /** By container name. */
  readonly containers: ReadonlyMap<string, Container>;
  readonly runtime: Pick<ContainerRuntime, 'logs'>;
  /** What was read before, by container id: a container that has ended says nothing new. */
  readonly heard: Map<string, string>;
}

/** The pod as observed, with what its ended containers have said about their ends. */
export async function withLastWords(
  observed: ObservedPod,
  parts: HearingParts,
  signal: AbortSignal,
): Promise<ObservedPod> {
  const containers = await Promise.all(
    observed.containers.map((run) => withMessage(run, parts, signal)),
  );
  const ids = new Set(observed.containers.map(({ id }) => id));
  for (const id of parts.heard.keys()) if (!ids.has(id)) parts.heard.delete(id);
  return { ...observed, containers };
}

async function withMessage(
  run: ObservedContainer,
  parts: HearingParts,
  signal: AbortSignal,
): Promise<ObservedContainer> {
  const { id, state } = run;
  if (state.phase !== 'exited' || state.message !== undefined) return run;
  const message = parts.heard.get(id) ?? (await lastWordsOf(run, state, parts, signal));
  parts.heard.set(id, message);
  return message === '' ? run : { ...run, state: { ...state, message } };
}

async function lastWordsOf(
  { id, mark }: ObservedContainer,
  { exitCode }: Exited,
  { directory, containers, runtime }: HearingParts,
  signal: AbortSignal,
): Promise<string> {
  const written = await endOfFile(lastWordsPath(directory, mark), MAX_MESSAGE_BYTES);
  const { terminationMessagePolicy } = containers.get(mark.name) ?? {};
  const mayAskLog = terminationMessagePolicy === 'FallbackToLogsOnError' && exitCode !== 0;
  return written === '' && mayAskLog ? endOfLog(runtime, id, signal) : written;
}

async function endOfFile(path: string, bytes: number): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const start = Math.max(0, size - bytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, start);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  }
}

async function endOfLog(
  runtime: Pick<ContainerRuntime, 'logs'>,
  id: string,
  signal: AbortSignal,
): Promise<string> {
  const lines: string[] = [];
  for await (const { text, full } of runtime.logs(id, { tailLines: MAX_LOG_LINES }, signal))
    lines.push(full ? `${text}\n` : text);
  return Buffer.from(lines.join('')).subarray(-MAX_LOG_BYTES).toString('utf8');
}
