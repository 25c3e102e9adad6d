import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubeconfigIn } from '@skerry/edgecore/localapi/credentials';
import { TestSystem, showLogsOfFailures, type TestNode } from '../support/daemons.ts';
import { importBusybox, startDockerEngine } from '../support/docker-engine.ts';
import { eventually, patienceMs } from '../support/eventually.ts';
import { Kubectl } from '../support/kubectl.ts';
import { podReader } from '../support/pod-reader.ts';
import { processPod } from '../support/process-pod.ts';

let opened: AsyncDisposableStack;
let system: TestSystem;
let node: TestNode;
let local: Kubectl;
/** Seconds since the epoch when the hub was killed. */
let cutAt: number;

interface Pod {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly status: { readonly phase?: string };
}

const mounted = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Asks for itself and for what its account may not have, and says when, as any program in a cluster. */
const loop = (kubectl: string): string => `
  echo "0 server $KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT"
  while sleep 0.3; do
    at=$(date +%s)
    echo "$at $(${kubectl} get pod "$HOSTNAME" -o 'jsonpath={.metadata.name} {.status.phase}' 2>&1)"
    echo "$at $(${kubectl} get nodes 2>&1)"
  done`;
const asProcess = `kubectl --kubeconfig /dev/null -n default \
  --server "https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT" \
  --certificate-authority "$SKERRY_ROOT${mounted}/ca.crt" \
  --token "$(cat "$SKERRY_ROOT${mounted}/token")"`;

function asking(pod: object): object {
  const { metadata, spec } = pod as { metadata: object; spec: object };
  const annotations = { 'edge.skerry.io/local-api': 'true' };
  return {
    ...pod,
    metadata: { ...metadata, annotations },
    spec: { ...spec, serviceAccountName: 'till' },
  };
}

const kubectlPath = execFileSync('sh', ['-c', 'command -v kubectl'], { encoding: 'utf8' }).trim();

/** `kubectl` as it is on this machine, in a container that knows of no kubeconfig. */
function containerPod(name: string, image: string, spec: object = {}): object {
  const command = ['sh', '-c', loop('kubectl')];
  const tool = { name: 'kubectl', mountPath: '/bin/kubectl' };
  const container = { name: 'main', image, command, volumeMounts: [tool] };
  const volumes = [{ name: 'kubectl', hostPath: { path: kubectlPath, type: 'File' } }];
  return asking(
    processPod(name, node.name, {
      runtimeClassName: undefined,
      containers: [{ ...container, imagePullPolicy: 'Never' }],
      volumes,
      ...spec,
    }),
  );
}

beforeAll(async () => {
  opened = new AsyncDisposableStack();
  const engine = opened.use(await startDockerEngine());
  const image = await importBusybox(engine);
  system = opened.use(await TestSystem.prepare());
  await system.startHub();
  node = await system.addNode({
    docker: { host: `unix://${engine.socketPath}` },
    pods: { atShutdown: 'stop' },
  });
  local = new Kubectl(kubeconfigIn(node.dataDir));
  await node.daemon.start();
  await system.untilReady(node);
  await system.kubectl.apply(podReader);
  const env = [{ name: 'HOSTNAME', value: 'process' }];
  const command = ['sh', '-c', loop(asProcess)];
  const process_ = { name: 'main', image: 'none', command, env };
  const onHost = { name: 'HOSTNAME', value: 'host' };
  const host = containerPod('host', image, { hostNetwork: true }) as {
    spec: { containers: object[] };
  };
  const containers = host.spec.containers.map((one) => ({ ...one, env: [onHost] }));
  await system.kubectl.apply([
    containerPod('bridged', image),
    { ...host, spec: { ...host.spec, containers } },
    asking(processPod('process', node.name, { containers: [process_] })),
  ]);
  for (const name of ['bridged', 'host', 'process'])
    await system.kubectl.waitFor<Pod>(
      ['pod', name],
      ({ status: { phase } }) => phase === 'Running',
    );
  await eventually('the bindings on the node', () =>
    local.run(['get', 'rolebinding', 'till-reads-pods']),
  );
  await system.hub.end('SIGKILL');
  cutAt = Math.floor(Date.now() / 1_000);
});
afterAll(() => opened.disposeAsync());
showLogsOfFailures(() => system);

/** What the program in a pod has been told since `since`. */
async function toldTo(pod: string, since: number, pattern: RegExp): Promise<string> {
  return eventually(`what pod ${pod} is told`, async () => {
    const lines = (await local.run(['logs', pod, '--tail=40'])).split('\n');
    return lines.find((line) => Number(line.split(' ')[0]) > since && pattern.test(line));
  });
}

describe('a program in a pod on a node that is cut off', { timeout: 2 * patienceMs }, () => {
  it.each(['bridged', 'host', 'process'])(
    'finds the API as in any cluster, and may do what its account may: %s',
    async (pod) => {
      expect(await toldTo(pod, cutAt, / Running$/)).toMatch(new RegExp(`^\\d+ ${pod} Running$`));
      expect(await toldTo(pod, cutAt, /Forbidden/)).toContain(
        'User "system:serviceaccount:default:till" cannot list resource "nodes"',
      );
    },
  );

  it('finds it again after a crash of the agent', async () => {
    await node.daemon.crashAndRestart();
    const restartedAt = Math.floor(Date.now() / 1_000);
    await toldTo('bridged', restartedAt, /^\d+ bridged Running$/);
  });

  it('alone may come in from the network of containers: with a token, and over TLS', async () => {
    const [first = ''] = (await local.run(['logs', 'bridged'])).split('\n');
    const [, server = ''] = /^0 server (\S+:\d+)$/.exec(first) ?? [];
    await expect(fetch(`http://${server}/api`)).rejects.toThrow('fetch failed');
    const nobody = ['--server', `https://${server}`, '--insecure-skip-tls-verify', '--token=guess'];
    await expect(new Kubectl('/dev/null').run([...nobody, 'get', 'pods'])).rejects.toThrow(
      'provide credentials',
    );
    expect(await local.run(['--server', `https://${server}`, 'get', 'pods'])).toContain('bridged');
  });
});
