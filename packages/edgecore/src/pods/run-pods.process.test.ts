import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@skerry/shared/clock';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';
import { openProcessRuntime } from '../runtime/process/process-runtime.ts';
import { PodNode, podObject } from './testing/pod-node.ts';

const { signal } = new AbortController();

describe('pods of processes', () => {
  let stateDir: string;
  let node: PodNode;
  let runtime: ContainerRuntime;
  const open = (): Promise<ContainerRuntime> =>
    openProcessRuntime({ stateDir, hostAddress: () => '192.0.2.7', clock: systemClock });

  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'process-pods-'));
    runtime = await open();
    node = await PodNode.start({ clock: systemClock, open });
  });
  afterEach(async () => {
    await node[Symbol.asyncDispose]();
    for (const { containers } of await runtime.list(undefined, signal))
      for (const { id } of containers) await runtime.removeContainer(id, signal);
    await rm(stateDir, { recursive: true });
  });

  const script = (text: string): ReturnType<typeof podObject> =>
    podObject({
      volumes: [{ name: 'site', configMap: { name: 'site' } }],
      containers: [
        {
          name: 'main',
          image: 'none',
          command: ['sh', '-c', text],
          volumeMounts: [{ name: 'site', mountPath: '/etc/site' }],
        },
      ],
    });
  const configMap = (mode: string): object => ({
    metadata: { name: 'site', namespace: 'default', uid: 'c' },
    data: { mode },
  });
  const output = async (until: string): Promise<void> => {
    const [pod] = await runtime.list({ namespace: 'default', name: 'web' }, signal);
    const id = pod?.containers.at(-1)?.id ?? '';
    for await (const { text } of runtime.logs(id, { follow: true }, signal))
      if (text === until) return;
    throw new Error(`never wrote ${until}`);
  };

  it('see their ConfigMaps, also when these change', async () => {
    node.hold('configmaps', configMap('calm'));
    node.hold('pods', script('while :; do cat etc/site/mode; echo; sleep 0.02; done'));
    await node.until(({ status }) => status.phase === 'Running');
    await output('calm');
    node.hold('configmaps', configMap('storm'));
    await output('storm');
  });

  it('outlive the agent, are adopted by the next one, and end when they are deleted', async () => {
    node.hold('configmaps', configMap('calm'));
    const pod = script('trap "exit 0" TERM; echo ready; while :; do sleep 0.02; done');
    node.hold('pods', pod);
    await node.until(({ status }) => status.phase === 'Running');
    await output('ready');
    const before = await runtime.list(undefined, signal);
    await node.stopAgent();
    node.startAgent();
    node.hold('pods', { ...pod, metadata: { ...pod.metadata, generation: 2 } });
    await node.until(({ status }) => status.observedGeneration === 2);
    expect(await runtime.list(undefined, signal)).toEqual(before);
    const metadata = { deletionTimestamp: 'now', deletionGracePeriodSeconds: 10 };
    node.hold('pods', { ...pod, metadata: { ...pod.metadata, ...metadata } });
    const { status } = await node.until(({ gone }) => gone);
    expect(status.phase).toBe('Succeeded');
    expect(await runtime.list(undefined, signal)).toEqual([]);
  });

  it('go on counting restarts that the agent did not see', async () => {
    node.hold('configmaps', configMap('calm'));
    node.hold('pods', script('echo ready; sleep 0.2; exit 3'));
    await node.until(({ status }) => status.phase === 'Running');
    await node.stopAgent();
    await output('never').catch(() => undefined);
    node.startAgent();
    const { status } = await node.until(
      (report) => report.status.containerStatuses?.[0]?.restartCount === 1,
    );
    expect(status.containerStatuses?.[0]?.lastState.terminated?.exitCode).toBe(3);
  });
});
