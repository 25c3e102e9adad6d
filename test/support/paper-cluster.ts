import { serveApi, type ServedApi } from '@skerry/apiserver/testing/served-api';
import { afterAll, beforeAll } from 'vitest';
import { Kubectl } from './kubectl.ts';
import { PaperNodes, type Fate } from './paper-node.ts';

/** The embedded API with its controllers and scheduler, two nodes on paper, and a kubectl. */
export class PaperCluster {
  readonly #fateOf: ((pod: string) => Fate) | undefined;
  readonly #parts = new AsyncDisposableStack();
  #kubectl: Kubectl | undefined;

  constructor(fateOf?: (pod: string) => Fate) {
    this.#fateOf = fateOf;
  }

  get kubectl(): Kubectl {
    if (!this.#kubectl) throw new Error('not before the tests begin');
    return this.#kubectl;
  }

  async open(): Promise<void> {
    const api: ServedApi = this.#parts.use(await serveApi('cluster'));
    this.#parts.use(await PaperNodes.start(api, ['paper-1', 'paper-2'], this.#fateOf));
    this.#kubectl = new Kubectl(api.kubeconfig);
  }

  close(): Promise<void> {
    return this.#parts.disposeAsync();
  }
}

/** A cluster for the tests of the file or group that calls it. */
export function usePaperCluster(fateOf?: (pod: string) => Fate): PaperCluster {
  const cluster = new PaperCluster(fateOf);
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());
  return cluster;
}
