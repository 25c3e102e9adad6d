import { listAt, textAt, type KubeObject } from '@skerry/apiserver/json';
import { badRequest } from '@skerry/apiserver/refusals';
import { isTrue } from '@skerry/apiserver/rest/options';
import type { LogLine } from '../runtime/container-runtime.ts';
import type { ObservedContainer } from '../runtime/observed.ts';
import type { Runtimes } from '../runtime/runtimes.ts';

/** What of a log is asked for. */
interface Wanted {
  readonly container: string;
  /** The run before the newest. */
  readonly previous: boolean;
  readonly timestamps: boolean;
  /** Milliseconds since the epoch: nothing from before. */
  readonly since: number;
  readonly limitBytes: number;
  readonly tailLines: number | undefined;
  readonly follow: boolean;
}

const containerAnnotation = 'kubectl.kubernetes.io/default-container';

/**
 * What a container of a pod wrote, from the runtime, as `kubectl logs` asks for it. Throws BadRequest when
 * it is not said which container, or when it has written nothing yet.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#get-read-log-of-the-specified-pod
 */
export async function podLog(
  runtimes: Pick<Runtimes, 'ready'>,
  pod: KubeObject,
  query: URLSearchParams,
  now: number,
): Promise<(signal: AbortSignal) => AsyncIterable<string>> {
  const wanted = readQuery(pod, query, now);
  const { namespace = '', name = '', uid } = pod.metadata;
  for (const runtime of runtimes.ready()) {
    const observed = await runtime.list({ namespace, name }, AbortSignal.timeout(answerMs));
    const own = observed.find((one) => one.pod.uid === uid);
    const run = own && runOf(own.containers, wanted);
    if (!run) continue;
    const { tailLines, follow } = wanted;
    return (signal) => written(runtime.logs(run.id, { tailLines, follow }, signal), wanted);
  }
  const which = wanted.previous ? 'previous terminated container' : 'container';
  throw badRequest(`${which} "${wanted.container}" in pod "${name}" is not found on this node`);
}

/** How long a runtime may take to say what it runs, milliseconds. */
const answerMs = 10_000;

function runOf(
  containers: readonly ObservedContainer[],
  { container, previous }: Wanted,
): ObservedContainer | undefined {
  return containers.filter(({ mark }) => mark.name === container).at(previous ? -2 : -1);
}

function readQuery(pod: KubeObject, query: URLSearchParams, now: number): Wanted {
  const sinceTime = Date.parse(query.get('sinceTime') ?? '');
  const sinceSeconds = countIn(query, 'sinceSeconds');
  return {
    container: containerOf(pod, query.get('container') ?? ''),
    previous: isTrue(query.get('previous')),
    timestamps: isTrue(query.get('timestamps')),
    since: sinceSeconds === undefined ? sinceTime || 0 : now - sinceSeconds * 1_000,
    limitBytes: countIn(query, 'limitBytes') ?? Infinity,
    tailLines: countIn(query, 'tailLines'),
    follow: isTrue(query.get('follow')),
  };
}

function countIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? '';
  if (text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`${name} is not a number: ${text}`);
  return Number(text);
}

function containerOf(pod: KubeObject, asked: string): string {
  const names = ['containers', 'initContainers'].flatMap((kind) =>
    listAt(pod, 'spec', kind).flatMap((container) => textAt(container, 'name') ?? []),
  );
  const { name = '', annotations } = pod.metadata;
  const chosen = asked === '' ? annotations?.[containerAnnotation] : asked;
  if (chosen !== undefined && names.includes(chosen)) return chosen;
  const [only] = names;
  if (asked === '' && only !== undefined && names.length === 1) return only;
  const choice = `choose one of: [${names.join(' ')}]`;
  throw asked === ''
    ? badRequest(`a container name must be specified for pod ${name}, ${choice}`)
    : badRequest(`container ${asked} is not valid for pod ${name}, ${choice}`);
}

async function* written(lines: AsyncIterable<LogLine>, wanted: Wanted): AsyncGenerator<string> {
  let left = wanted.limitBytes;
  for await (const { time, text, full } of lines) {
    if (Date.parse(time) < wanted.since) continue;
    const line = `${wanted.timestamps ? `${time} ` : ''}${text}${full ? '\n' : ''}`;
    if (Buffer.byteLength(line) >= left) {
      yield Buffer.from(line).subarray(0, left).toString('utf8');
      return;
    }
    left -= Buffer.byteLength(line);
    yield line;
  }
}
