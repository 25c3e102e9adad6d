import { openDockerRuntime } from '@skerry/edgecore/runtime/docker/docker-runtime';
import { systemClock } from '@skerry/shared/clock';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type {
  Container,
  ContainerStatus,
  PodObject,
} from '../../packages/edgecore/src/pods/pod.ts';
import {
  PodNode,
  podObject,
  type PodReport,
} from '../../packages/edgecore/src/pods/testing/pod-node.ts';
import type { ContainerRuntime } from '../../packages/edgecore/src/runtime/container-runtime.ts';
import type { ObservedPod } from '../../packages/edgecore/src/runtime/observed.ts';
import { importBusybox, startDockerEngine, type DockerEngine } from './docker-engine.ts';

const { signal } = new AbortController();
const commandTimeoutMs = 60_000;

export interface DockerPodsOptions {
  /** Address of the node; what its own network is asked by. */
  readonly address?: string;
  readonly seccompDir?: string;
}

/** Pods of one node on a Docker engine: anew for every test of a file, and gone after it. */
export class DockerPods {
  readonly #options: DockerPodsOptions;
  #engine: DockerEngine | undefined;
  #image = '';
  #runtime: ContainerRuntime | undefined;
  #node: PodNode | undefined;

  constructor(options: DockerPodsOptions) {
    this.#options = options;
  }

  get engine(): DockerEngine {
    return needed(this.#engine);
  }

  /** A busybox. */
  get image(): string {
    return this.#image;
  }

  get runtime(): ContainerRuntime {
    return needed(this.#runtime);
  }

  get node(): PodNode {
    return needed(this.#node);
  }

  async open(): Promise<void> {
    this.#engine = await startDockerEngine();
    this.#image = await importBusybox(this.#engine);
  }

  async close(): Promise<void> {
    await this.#engine?.[Symbol.asyncDispose]();
  }

  async begin(): Promise<void> {
    const { seccompDir, address: nodeAddress } = this.#options;
    const owner = `pods-${crypto.randomUUID()}`;
    const address = `unix://${this.engine.socketPath}`;
    const open = (): Promise<ContainerRuntime> =>
      openDockerRuntime({ address, owner, seccompDir, clock: systemClock });
    this.#runtime = await open();
    this.#node = await PodNode.start({
      clock: systemClock,
      open,
      ...(nodeAddress !== undefined && { address: nodeAddress }),
    });
  }

  async end(): Promise<void> {
    await this.node[Symbol.asyncDispose]();
    await this.loseEverything();
  }

  /** Whatever runs is gone, and so is what it was. */
  async loseEverything(): Promise<void> {
    for (const { containers, sandboxes } of await this.runtime.list(undefined, signal)) {
      await Promise.all(containers.map(({ id }) => this.runtime.removeContainer(id, signal)));
      await Promise.all(sandboxes.map(({ id }) => this.runtime.removeSandbox(id, signal)));
    }
  }

  /** A container `main` that runs a script. */
  sh(script: string, more: Partial<Container> = {}): Container {
    return { name: 'main', image: this.#image, command: ['sh', '-c', script], ...more };
  }

  /** Has the node hold a pod `web`. */
  hold(wish: Parameters<typeof podObject>[0]): PodObject {
    const pod = podObject({ uid: crypto.randomUUID(), terminationGracePeriodSeconds: 1, ...wish });
    this.node.hold('pods', pod);
    return pod;
  }

  delete(pod: PodObject, graceSeconds = 1): void {
    const deletion = {
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: graceSeconds,
    };
    this.node.hold('pods', { ...pod, metadata: { ...pod.metadata, ...deletion } });
  }

  /** Waits until a report says that the container is so, or takes one that has said it. */
  async until(is: (status: ContainerStatus) => boolean, name = 'main'): Promise<ContainerStatus> {
    const report = await this.node.until((one) => {
      const status = statusOf(one, name);
      return status !== undefined && is(status);
    });
    return needed(statusOf(report, name));
  }

  async seen(): Promise<ObservedPod> {
    const [found] = await this.runtime.list({ namespace: 'default', name: 'web' }, signal);
    if (!found) throw new Error('no such pod on the engine');
    return found;
  }

  /** Follows a container's log until a line satisfies `is`; answers all lines up to it. */
  async log(is: (line: string) => boolean, name = 'main'): Promise<string[]> {
    const id = await this.#idOf(name);
    const lines: string[] = [];
    for await (const { text } of this.runtime.logs(id, { follow: true }, signal)) {
      lines.push(text);
      if (is(text)) break;
    }
    return lines;
  }

  /** Runs a script in a container; answers what it wrote. */
  async within(script: string, name = 'main'): Promise<string> {
    const id = await this.#idOf(name);
    const command = ['sh', '-c', script];
    return (await this.runtime.execSync(id, command, commandTimeoutMs, signal)).output;
  }

  async #idOf(name: string): Promise<string> {
    const found = (await this.seen()).containers.findLast(({ mark }) => mark.name === name);
    if (!found) throw new Error(`no container ${name}`);
    return found.id;
  }
}

/** Pods for the tests of the file or group that calls it. */
export function useDockerPods(options: DockerPodsOptions = {}): DockerPods {
  const pods = new DockerPods(options);
  beforeAll(() => pods.open());
  afterAll(() => pods.close());
  beforeEach(() => pods.begin());
  afterEach(() => pods.end());
  return pods;
}

export function statusOf(
  { status: { initContainerStatuses = [], containerStatuses = [] } }: PodReport,
  name = 'main',
): ContainerStatus | undefined {
  return [...initContainerStatuses, ...containerStatuses].find((one) => one.name === name);
}

function needed<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('not before the tests begin');
  return part;
}
