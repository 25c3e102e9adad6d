import type { Json } from '@skerry/apiserver/json';
import { ask } from '@skerry/apiserver/testing/https-client';
import type { ServedApi } from '@skerry/apiserver/testing/served-api';

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: { readonly nodeName?: string; readonly containers: readonly { name: string }[] };
  readonly status: { readonly phase?: string };
}

/** How pods fare on a paper node. */
export type Fate = 'Running' | 'Succeeded' | 'Failed';

/**
 * Nodes on paper: pods that are bound to one are said to run, or to have ended, and those that are deleted
 * go at once. What controllers and kubectl do needs no more of a node than its word.
 */
export class PaperNodes implements AsyncDisposable {
  readonly #api: ServedApi;
  readonly #ending = new AbortController();
  readonly #fateOf: (pod: string) => Fate;
  #running: Promise<void> = Promise.resolve();

  private constructor(api: ServedApi, fateOf: (pod: string) => Fate) {
    this.#api = api;
    this.#fateOf = fateOf;
  }

  /** Registers nodes with room for 20 pods each, and answers for them until disposed. */
  static async start(
    api: ServedApi,
    names: readonly string[],
    fateOf: (pod: string) => Fate = () => 'Running',
  ): Promise<PaperNodes> {
    const nodes = new PaperNodes(api, fateOf);
    for (const name of names) await nodes.#register(name);
    nodes.#running = nodes.#run();
    return nodes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #register(name: string): Promise<void> {
    const labels = { 'kubernetes.io/hostname': name };
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } };
    await this.#send('POST', '/api/v1/nodes', node);
    await this.#send('PATCH', `/api/v1/nodes/${name}/status`, {
      status: {
        allocatable: { cpu: '4', memory: '8Gi', pods: '20' },
        conditions: [{ type: 'Ready', status: 'True', reason: 'PaperReady' }],
      },
    });
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const { json } = await ask(this.#api, '/api/v1/pods');
      const { items = [] } = json as { items?: readonly Pod[] };
      await Promise.all(items.map((pod) => this.#answerFor(pod)));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #answerFor({ metadata, spec, status }: Pod): Promise<void> {
    if ((spec.nodeName ?? '') === '') return;
    const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
    if (metadata.deletionTimestamp !== undefined)
      await this.#send('DELETE', path, { gracePeriodSeconds: 0 });
    else if (status.phase === 'Pending')
      await this.#send('PATCH', `${path}/status`, {
        status: statusOf(this.#fateOf(metadata.name), spec),
      });
  }

  async #send(method: string, path: string, body: Json): Promise<void> {
    const headers = method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {};
    const { status, text } = await ask(this.#api, path, { method, headers, body });
    if (status >= 400 && status !== 404 && status !== 409)
      throw new Error(`${method} ${path}: ${text}`);
  }
}

function statusOf(phase: Fate, { containers }: Pod['spec']): Json {
  const ready = phase === 'Running';
  const now = new Date().toISOString();
  const state = ready
    ? { running: { startedAt: now } }
    : { terminated: { exitCode: phase === 'Failed' ? 1 : 0, startedAt: now, finishedAt: now } };
  const conditions = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
    type,
    status: ready || type === 'PodScheduled' ? 'True' : 'False',
    lastTransitionTime: now,
  }));
  const containerStatuses = containers.map(({ name }) => ({
    name,
    ready,
    restartCount: 0,
    image: 'example/app',
    imageID: '',
    state,
  }));
  return { phase, startTime: now, podIP: '10.1.0.1', conditions, containerStatuses };
}
