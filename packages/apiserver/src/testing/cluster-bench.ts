import { kubeTime } from '@skerry/shared/clock';
import { supervise } from '@skerry/shared/supervise';
import { settle } from '@skerry/shared/testing/manual-clock';
import { MemoryStore } from '@skerry/shared/testing/memory-store';
import { ClusterClient } from '../controllers/client/cluster-client.ts';
import { pods, type KindOf } from '../controllers/client/kinds.ts';
import type { Pod, PodStatus } from '../controllers/client/objects.ts';
import { clusterTasks, type ClusterRole } from '../controllers/cluster-controllers.ts';
import { makeBuiltinNamespaces } from '../controllers/namespaces.ts';
import type { KubeObject } from '../json.ts';
import { restBench, type RestBench } from './rest-bench.ts';

/** A cluster in one process, on a clock that the test moves: controllers, and pods that do as told. */
export interface ClusterBench extends AsyncDisposable {
  readonly bench: RestBench;
  readonly client: ClusterClient;
  /** Ends the controllers where they are and starts new ones, as after a crash. */
  restart(): Promise<void>;
  /** Objects of a kind in `default`. */
  all<T extends KubeObject>(kind: KindOf<T>): T[];
  /** Lets things happen, a second at a time, until `holds`; fails when that does not come about. */
  readonly until: (holds: () => boolean, each?: () => Promise<void>) => Promise<void>;
  setStatus(pod: Pod, status: PodStatus): Promise<void>;
  /** What nodes do: starts the pods that wait, and ends those that are deleted. */
  readonly actAsNodes: () => Promise<void>;
  /** Ends pods that run, each as told; those it says nothing of run on. */
  readonly endPods: (phaseOf: (pod: Pod) => 'Succeeded' | 'Failed' | undefined) => Promise<void>;
}

const patienceSeconds = 2000;

export interface ClusterLook {
  readonly role?: ClusterRole;
  /** Whether pods need their ServiceAccount. */
  readonly mountsTokens?: boolean;
}

export async function clusterBench({
  role = 'controllers',
  mountsTokens = false,
}: ClusterLook = {}): Promise<ClusterBench> {
  const bench = await restBench(undefined, new MemoryStore());
  const { clock } = bench.parts;
  await makeBuiltinNamespaces(bench.parts);
  const client = new ClusterClient(bench.parts);
  const start = (): (() => Promise<void>) => {
    const ending = new AbortController();
    const running = supervise(ending.signal, clusterTasks(role, { ...bench.parts, mountsTokens }));
    return async () => {
      ending.abort();
      await running;
    };
  };
  let stop = start();
  const setStatus = async ({ metadata }: Pod, status: PodStatus): Promise<void> => {
    await client.updateStatus(pods, metadata, (pod) => ({ ...pod.status, ...status }));
  };
  const actAsNodes = async (): Promise<void> => {
    for (const pod of client.list(pods, '')) {
      if (pod.metadata.deletionTimestamp !== undefined)
        await client.delete(pods, pod.metadata, { graceSeconds: 0 });
      else if (pod.status?.phase === 'Pending') await setStatus(pod, readyAt(clock.now()));
    }
  };
  const endPods: ClusterBench['endPods'] = async (phaseOf) => {
    for (const pod of client.list(pods, '').filter(({ status }) => status?.phase === 'Running')) {
      const phase = phaseOf(pod);
      if (phase) await setStatus(pod, endedAt(pod, phase, clock.now()));
    }
  };
  return {
    bench,
    endPods,
    client,
    setStatus,
    actAsNodes,
    all: (kind) => client.list(kind, 'default'),
    restart: async () => {
      await stop();
      stop = start();
    },
    until: async (holds, each = () => Promise.resolve()) => {
      for (let second = 0; !holds(); second++) {
        if (second > patienceSeconds) throw new Error('what was waited for did not come about');
        await each();
        await clock.advance(1000);
        await settle();
      }
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await bench[Symbol.asyncDispose]();
    },
  };
}

function endedAt({ spec }: Pod, phase: string, now: number): PodStatus {
  const terminated = { exitCode: phase === 'Failed' ? 1 : 0, finishedAt: kubeTime(now) };
  const ended = { ready: false, restartCount: 0, image: '', imageID: '', state: { terminated } };
  return {
    phase,
    conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: kubeTime(now) }],
    containerStatuses: spec.containers.map(({ name }) => ({ name, ...ended })),
  };
}

function readyAt(now: number): PodStatus {
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: kubeTime(now) };
  return { phase: 'Running', conditions: [ready] };
}
