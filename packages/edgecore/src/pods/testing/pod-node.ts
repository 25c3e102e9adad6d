import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@skerry/shared/clock';
import type { Report } from '@skerry/shared/delivery/report';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import {
  keyParts,
  nodeName,
  objectKey,
  resourceName,
  uid,
  version,
  type ObjectKey,
} from '@skerry/shared/names';
import { parseJson } from '@skerry/shared/parse-json';
import { MemoryStore } from '@skerry/shared/testing/memory-store';
import { WorkQueue } from '@skerry/shared/workqueue';
import { TokenRefused, type TokenSource } from '../../link/token-requests.ts';
import type { CutOff } from '../../link/contact.ts';
import type { HeldObject, ObjectReader } from '../../meta/object-reader.ts';
import type { NodeResources } from '../../node/node-resources.ts';
import type { ContainerRuntime } from '../../runtime/container-runtime.ts';
import { Runtimes } from '../../runtime/runtimes.ts';
import type { PodObject, PodStatus } from '../pod.ts';
import { runPods } from '../run-pods.ts';
import type { Mounter } from '../volumes/mounter.ts';
import { FakeMounter } from './fake-mounter.ts';

interface ApiObject {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
}

export interface PodReport {
  readonly uid: string;
  readonly status: PodStatus;
  readonly gone: boolean;
  readonly mirror?: object;
}

export interface PodNodeOptions {
  readonly clock: Clock;
  readonly open: () => Promise<ContainerRuntime>;
  readonly complete?: Promise<void>;
  /** Of the machine. */
  readonly address?: string;
  readonly tokens?: TokenSource;
  readonly mounter?: Mounter;
  readonly staticDir?: string;
  readonly resources?: NodeResources;
  readonly cutOff?: CutOff;
}

const noTokens: TokenSource = {
  ask: () => Promise.reject(new TokenRefused('the hub cannot be reached')),
  whenUp: () => () => undefined,
};

/**
 * One node with the pods room alone: objects are put straight into what it holds, reports are kept.
 * The agent may be stopped and started again over the same state.
 */
export class PodNode implements AsyncDisposable {
  readonly podsDir: string;
  readonly reports: Report[] = [];
  /** What the edge store keeps besides objects. */
  readonly store: MemoryStore = new MemoryStore();
  readonly #options: PodNodeOptions;
  readonly #held = new Map<ObjectKey, HeldObject>();
  #dirty = new WorkQueue<ObjectKey>();
  #version = 0n;
  #agent: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
  #waiting: (() => void)[] = [];

  private constructor(options: PodNodeOptions, podsDir: string) {
    this.#options = options;
    this.podsDir = podsDir;
  }

  static async start(options: PodNodeOptions): Promise<PodNode> {
    const node = new PodNode(options, await mkdtemp(join(tmpdir(), 'pod-node-')));
    node.startAgent();
    return node;
  }

  startAgent(): void {
    const { clock, open, complete, tokens, mounter, staticDir, resources, cutOff } = this.#options;
    const { address = '192.0.2.7' } = this.#options;
    const log = silentLog;
    const runtimes = new Runtimes([{ name: 'fake', open }], { clock, log });
    const objects: ObjectReader = {
      get: (key) => Promise.resolve(this.#held.get(key)),
      list: (resource) =>
        Promise.resolve(
          [...this.#held.values()].filter(({ key }) => keyParts(key).resource === resource),
        ),
    };
    const reporter = {
      report: (report: Report): Promise<void> => {
        this.reports.push(report);
        for (const wake of this.#waiting.splice(0)) wake();
        return Promise.resolve();
      },
    };
    const stop = new AbortController();
    this.#dirty = new WorkQueue<ObjectKey>();
    for (const key of this.#held.keys()) this.#dirty.add(key);
    const machine = { address: (): string => address, cpus: 4, memoryBytes: 8 * 1024 ** 3 };
    const ended = runPods(
      {
        node: nodeName('edge-1'),
        objects,
        dirty: this.#dirty,
        reporter,
        tokenSource: tokens ?? noTokens,
        store: this.store,
        mounter: mounter ?? new FakeMounter(),
        runtimes,
        staticDir,
        podsDir: this.podsDir,
        machine,
        clock,
        random: () => 0,
        log,
        complete,
        resources,
        cutOff,
        metrics: noMetrics,
      },
      stop.signal,
    );
    this.#agent = { stop, ended };
  }

  async stopAgent(): Promise<void> {
    this.#agent?.stop.abort();
    await this.#agent?.ended;
    this.#agent = undefined;
  }

  /** The hub delivers an object; answers its key. */
  hold(resource: string, object: object): ObjectKey {
    const { namespace, name, uid: id } = (object as ApiObject).metadata;
    const key = objectKey(resourceName(resource), namespace, name);
    this.#version += 1n;
    const bytes = Buffer.from(JSON.stringify(object));
    this.#held.set(key, {
      key,
      uid: uid(id),
      version: version(String(this.#version)),
      object: bytes,
    });
    this.#dirty.add(key);
    return key;
  }

  /** The hub delivers what became of the newest report: the pod with its status. */
  echo(pod: PodObject): void {
    const status = this.status(pod.metadata.name);
    this.hold('pods', { ...pod, ...(status && { status }) });
  }

  /** The hub delivers a tombstone. */
  release(key: ObjectKey): void {
    this.#held.delete(key);
    this.#dirty.add(key);
  }

  /** Reports about pods, oldest first. */
  podReports(name = 'web'): PodReport[] {
    return this.reports
      .filter(({ key }) => key === `pods/default/${name}`)
      .map(({ payload }) => parseJson(payload) as PodReport);
  }

  status(name = 'web'): PodStatus | undefined {
    return this.podReports(name).at(-1)?.status;
  }

  /** `reason: message` of every Event, oldest first. */
  events(): string[] {
    return this.reports
      .filter((report) => report.class === 'event')
      .map(({ payload }) => {
        const event = parseJson(payload) as {
          readonly reason: string;
          readonly message: string;
        };
        return `${event.reason}: ${event.message}`;
      });
  }

  /** Waits for a report about the pod that satisfies `is`; for tests with real runtimes. */
  async until(is: (report: PodReport) => boolean, name = 'web'): Promise<PodReport> {
    for (;;) {
      const found = this.podReports(name).find(is);
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopAgent();
    await rm(this.podsDir, { recursive: true, force: true });
  }
}

type PodWish = Partial<PodObject['spec']> & {
  readonly name?: string;
  readonly uid?: string;
  readonly metadata?: Partial<PodObject['metadata']>;
};

/** A pod of one container `main`, as far as nothing else is wished. */
export function podObject({ name = 'web', uid: id, metadata, ...spec }: PodWish = {}): PodObject {
  return {
    metadata: {
      name,
      namespace: 'default',
      uid: id ?? `uid-of-${name}`,
      generation: 1,
      ...metadata,
    },
    spec: {
      restartPolicy: 'Always',
      containers: [{ name: 'main', image: 'busybox:1' }],
      ...spec,
    },
    status: { phase: 'Pending' },
  };
}
