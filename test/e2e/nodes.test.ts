import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestSystem, showLogsOfFailures } from '../support/daemons.ts';
import { eventually } from '../support/eventually.ts';
import { processPod } from '../support/process-pod.ts';

let opened: AsyncDisposableStack;
let system: TestSystem;

beforeEach(() => {
  opened = new AsyncDisposableStack();
});
afterEach(() => opened.disposeAsync());
showLogsOfFailures(() => system);

async function start(options: Parameters<typeof TestSystem.prepare>[0] = {}): Promise<TestSystem> {
  const started = opened.use(await TestSystem.prepare(options));
  system = started;
  await started.startHub();
  return started;
}

interface Pod {
  readonly status: {
    readonly phase?: string;
    readonly containerStatuses?: readonly {
      readonly state?: { readonly waiting?: { readonly message?: string } };
    }[];
  };
}

interface NodeSync {
  readonly status?: {
    readonly connected: boolean;
    readonly inSync: boolean;
    readonly pending: number;
    readonly deadLetterCount: number;
  };
}

const isRunning = ({ status }: Pod): boolean => status.phase === 'Running';

describe('a node', () => {
  it('is shown as not ready when it falls silent, and as ready again when it returns', async () => {
    const hub = { heartbeatSeconds: 1, nodeMonitorGraceSeconds: 4 };
    await start({ hub });
    const node = await system.addNode();
    await node.daemon.start();
    await system.untilReady(node);
    await node.daemon.end('SIGKILL');
    await eventually('NotReady', async () =>
      /NotReady/.test(await system.kubectl.run(['get', 'node', node.name])),
    );
    await node.daemon.start();
    await system.untilReady(node);
  });

  it('shows how far it is in sync, and what it holds and has not acted upon', async () => {
    await start({ hub: { heartbeatSeconds: 1 } });
    const node = await system.addNode();
    await node.daemon.start();
    await system.untilReady(node);
    await system.kubectl.apply(processPod('synced', node.name));
    await system.kubectl.waitFor<Pod>(['pod', 'synced'], isRunning);
    const isLevel = ({ status }: NodeSync): boolean => status?.inSync === true;
    const { status } = await system.kubectl.waitFor<NodeSync>(['nodesync', node.name], isLevel);
    expect(status).toMatchObject({ connected: true, pending: 0, deadLetterCount: 0 });
    expect(await system.kubectl.run(['get', 'nodesyncs'])).toMatch(
      /^NAME +CONNECTED +IN SYNC +PENDING +OLDEST +UNAPPLIED +DEAD +LAST ACK +HUB +AGE\n.* true +true +0 /,
    );
    await system.kubectl.run(['delete', 'pod', 'synced']);
    await node.daemon.end('SIGKILL');
    const isGone = (sync: NodeSync): boolean => sync.status?.connected === false;
    await system.kubectl.waitFor<NodeSync>(['nodesync', node.name], isGone);
  });

  it('stays ready while its hub is away, and when the hub is back', async () => {
    const graceSeconds = 10; // far more than a busy machine lets a node wait between two beats
    await start({ hub: { heartbeatSeconds: 1, nodeMonitorGraceSeconds: graceSeconds } });
    const node = await system.addNode();
    await node.daemon.start();
    await system.untilReady(node);
    await system.hub.end('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, graceSeconds * 1000));
    await system.hub.start();
    for (let look = 0; look < 20; look++)
      expect(await system.kubectl.run(['get', 'node', node.name])).not.toMatch(/NotReady/);
  });

  it('is told by its labels and by what it can hold', async () => {
    await start();
    const node = await system.addNode();
    await node.daemon.start();
    await system.untilReady(node);
    const described = await system.kubectl.run(['describe', 'node', node.name]);
    expect(described).toMatch(/node-role\.kubernetes\.io\/edge/);
    expect(described).toMatch(/Capacity:\n\s+cpu: +\d+/);
    expect(described).toMatch(/Kubelet Version: +v1\.\d+/);
  });

  it('without a container engine says so, and runs processes', async () => {
    await start();
    const node = await system.addNode({ docker: { host: 'unix:///nowhere/docker.sock' } });
    await node.daemon.start();
    await system.untilReady(node);
    const ordinary = processPod('ordinary', node.name, { runtimeClassName: null });
    await system.kubectl.apply([processPod('process', node.name), ordinary]);
    await system.kubectl.waitFor<Pod>(['pod', 'process'], isRunning);
    const waiting = await system.kubectl.waitFor<Pod>(
      ['pod', 'ordinary'],
      ({ status }) => status.containerStatuses?.[0]?.state?.waiting?.message !== undefined,
    );
    expect(waiting.status.containerStatuses?.[0]?.state?.waiting?.message).toMatch(
      /\/nowhere\/docker\.sock.*runtimeClassName: process/,
    );
    await system.kubectl.run(['delete', 'pods', '--all', '--timeout=90s']);
  });

  it('is served the same by a hub that extends a cluster named by a kubeconfig', async () => {
    const cluster = await start();
    const kubeconfig = join(cluster.directory, 'pki', 'kubeconfig');
    const beside = await start({ kubeconfig });
    const node = await beside.addNode();
    await node.daemon.start();
    await cluster.untilReady(node);
    await cluster.kubectl.apply(processPod('there', node.name));
    await cluster.kubectl.waitFor<Pod>(['pod', 'there'], isRunning);
    await cluster.kubectl.run(['delete', 'pod', 'there', '--timeout=90s']);
  });

  it('cannot come in with a certificate of another authority', async () => {
    const [ours, theirs] = [await start(), await start()];
    const node = await theirs.addNode({
      hub: { url: ours.edgesUrl, redial: { firstMs: 50, maxMs: 200 } },
    });
    await node.daemon.start();
    await eventually('the refusal', async () => /link is down/.test(await node.daemon.log()));
    expect(await ours.kubectl.run(['get', 'nodes', '-o', 'name'])).toBe('');
  });

  it('ends cleanly when it is told to', async () => {
    await start();
    const node = await system.addNode();
    await node.daemon.start();
    await system.untilReady(node);
    expect(await node.daemon.end('SIGTERM')).toBe(0);
    expect(await system.hub.end('SIGINT')).toBe(0);
  });
});
