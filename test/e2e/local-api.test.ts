import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubeconfigIn } from '@skerry/edgecore/localapi/credentials';
import { socketPath } from '@skerry/edgecore/localapi/run-local-api';
import { TestSystem, showLogsOfFailures, type TestNode } from '../support/daemons.ts';
import { openSmallDisk, type SmallDisk } from '../chaos/small-disk.ts';
import { eventually, patienceMs } from '../support/eventually.ts';
import { Kubectl } from '../support/kubectl.ts';
import { podReader } from '../support/pod-reader.ts';
import { processPod } from '../support/process-pod.ts';

const nobody = 65_534;

interface Pod {
  readonly metadata: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly status: {
    readonly phase?: string;
    readonly containerStatuses?: readonly { readonly restartCount: number }[];
  };
}

let system: TestSystem;
let node: TestNode;
/** With the credential that the agent has written for the administrator. */
let local: Kubectl;
let disk: SmallDisk;

const cluster = (): Kubectl => system.kubectl;
const isRunning = ({ status }: Pod): boolean => status.phase === 'Running';
const plainUrl = (): string => `http://127.0.0.1:${node.localPort}`;

const script = 'echo "ready at $(date +%s)"; exec sleep 100000';

/** Of no pods: nothing of it is anybody's to hold. */
function deployment(name: string): object {
  const labels = { app: name };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'main', image: 'none' }] },
  };
  const spec = { replicas: 0, selector: { matchLabels: labels }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec };
}

beforeAll(async () => {
  system = await TestSystem.prepare();
  await system.startHub();
  node = await system.addNode({ pods: { atShutdown: 'stop' } });
  disk = await openSmallDisk(node.dataDir);
  local = new Kubectl(kubeconfigIn(node.dataDir));
  await node.daemon.start();
  await system.untilReady(node);
  const container = { name: 'main', image: 'none', command: ['sh', '-c', script] };
  const volumes = [{ name: 'site', configMap: { name: 'site' } }];
  await cluster().apply([
    ...podReader,
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'site' }, data: { page: 'one' } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'afar' }, data: { page: 'far' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'afar' } },
    deployment('shop'),
    {
      apiVersion: 'edge.skerry.io/v1alpha1',
      kind: 'Silence',
      metadata: { name: 'painting' },
      spec: { nodeSelector: {}, matchLabels: { team: 'sea' }, endsAt: '2100-01-01T00:00:00Z' },
    },
  ]);
  await cluster().apply([
    processPod('web', node.name, { containers: [container], volumes, serviceAccountName: 'till' }),
    processPod('spare', node.name),
  ]);
  for (const name of ['web', 'spare']) await cluster().waitFor<Pod>(['pod', name], isRunning);
  await eventually('the bindings on the node', () =>
    local.run(['get', 'rolebinding', 'till-reads-pods']),
  );
  await eventually('the silence on the node', () => local.run(['get', 'silence', 'painting']));
  await eventually('the token in the pod', () => tokenOfPod());
});
afterAll(async () => {
  await node.daemon.end('SIGTERM');
  await disk[Symbol.asyncDispose]();
  await system[Symbol.asyncDispose]();
});
showLogsOfFailures(() => system);

/** What is mounted into the pod `web`, of all the tokens the one of its own account. */
async function tokenOfPod(): Promise<string | undefined> {
  const pods = join(node.dataDir, 'pods');
  const files = await readdir(pods, { recursive: true });
  for (const file of files.filter((name) => name.endsWith('/token'))) {
    const token = await readFile(join(pods, file), 'utf8');
    const claims = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
    if (claims.includes(':till"')) return token;
  }
  return undefined;
}

async function askAs(token: string | undefined, path: string): Promise<number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const { status } = await fetch(plainUrl() + path, { headers });
  return status;
}

/** What kubectl is told instead of being answered. */
function refusedBy(kubectl: Kubectl, words: readonly string[]): Promise<string> {
  return kubectl.run(words).then(
    () => 'it was done',
    (error: unknown) => String(error),
  );
}

/** The link of a busy machine may be away for a moment: then something else is said. */
function untilRefused(words: readonly string[], why: string): Promise<unknown> {
  return eventually(why, async () => (await refusedBy(local, words)).includes(why));
}

const readAt = `jsonpath={.data.page} {.metadata.annotations['edge\\.skerry\\.io/fetched-at']}`;
const readAfar = ['get', 'configmap', 'afar', '-o', readAt];
const farSince = /^far \d{4}-\d\d-\d\dT[\d:]+Z$/;

describe('what a node does not hold', { timeout: 2 * patienceMs }, () => {
  it('is read through the hub by who may read it in the cluster, and by nobody before', async () => {
    const account = `skerry-nodes:${node.name}`;
    const words = ['create', 'clusterrolebinding', `${node.name}-view`, '--clusterrole=view'];
    const granting = [...words, `--serviceaccount=${account}`];
    const sentence = `cannot get resource "configmaps" in API group "" in the namespace "default"; whoever administers the node may read there what a role bound to its account allows, for example: kubectl ${granting.join(' ')}`;
    await untilRefused(readAfar, sentence);
    const all = ['get', 'configmaps', '-A', '-o', 'name'];
    expect(await local.run(all)).toMatch(/^configmap\/site$/m);
    expect(await local.run(all)).not.toContain('afar');
    await cluster().run(granting);
    expect(await eventually('the right', () => local.run(readAfar))).toMatch(farSince);
    await eventually('a list of both', async () =>
      /configmap\/afar\n[^]*configmap\/site\n/.test(await local.run(all)),
    );
    await eventually('a list of what nodes never hold', async () =>
      /^NAME +READY[^]*shop +0\/0/.test(await local.run(['get', 'deployments'])),
    );
    await untilRefused(['get', 'secret', 'afar'], 'cannot get');
    await untilRefused(['get', 'deployments', '-w'], 'hears of no changes');
    expect(await local.run(['get', 'pods', '-A', '-o', 'name'])).toBe('pod/spare\npod/web\n');
  });

  it('is read by a pod with its own token, as far as that allows', async () => {
    const token = await tokenOfPod();
    const within = '/api/v1/namespaces/default';
    await cluster().apply(processPod('elsewhere', 'edge-elsewhere'));
    await eventually(
      'the pod of another node',
      async () => (await askAs(token, `${within}/pods/elsewhere`)) === 200,
    );
    expect(await askAs(token, `${within}/pods/none`)).toBe(404);
    expect(await askAs(token, `${within}/configmaps/afar`)).toBe(403);
  });
});

async function skerry(...words: readonly string[]): Promise<string> {
  const socket = socketPath(node.dataDir, undefined);
  const bin = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'skerry.js');
  const told = await promisify(execFile)(process.execPath, [bin, ...words, '--socket', socket]);
  return told.stdout;
}

describe('the local API of a node that is cut off', { timeout: 2 * patienceMs }, () => {
  beforeAll(() => system.hub.end('SIGKILL'));

  const showsWhatWasRead = async (): Promise<void> => {
    expect(await local.run(readAfar)).toMatch(farSince);
    expect(await local.run(['get', 'deployments'])).toContain('shop');
    const [token, within] = [await tokenOfPod(), '/api/v1/namespaces/default'];
    expect(await askAs(token, `${within}/pods/elsewhere`)).toBe(200);
    expect(await askAs(token, `${within}/configmaps/afar`)).toBe(403);
  };

  it('shows what was read through the hub before, and since when it is so', async () => {
    await showsWhatWasRead();
    expect(await refusedBy(local, ['get', 'services'])).toContain(
      'this node does not hold services, and the hub cannot be reached',
    );
    expect(await refusedBy(local, ['get', 'pod', 'none'])).toContain('"none" not found here');
  });

  it('shows kubectl what the node holds, and how it is now', async () => {
    const table = await local.run(['get', 'pods,configmaps,nodes', '-o', 'wide']);
    for (const shown of ['pod/web', 'pod/spare', 'configmap/site', `node/${node.name}`])
      expect(table).toContain(shown);
    expect(await local.run(['get', 'pods', '--field-selector=metadata.name=web'])).not.toContain(
      'spare',
    );
    const described = await local.run(['describe', 'pod', 'web']);
    expect(described).toMatch(/Status: +Running/);
    expect(described).toMatch(/Normal +Started/);
    expect(await local.run(['logs', 'web'])).toMatch(/^ready at \d+\n$/);
    expect(await local.run(['explain', 'device.spec.nodeName'])).toContain('FIELD: nodeName');
  });

  it('takes whoever may read its files for the administrator, and nobody for nobody', async () => {
    const plain = new Kubectl('/dev/null');
    expect(await plain.run(['--server', plainUrl(), 'get', 'pods'])).toContain('web');
    expect((await stat(local.kubeconfig)).mode & 0o777).toBe(0o600);
    expect(await askAs('a-guess', '/api/v1/pods')).toBe(401);
    const words = ['--server', plainUrl(), 'get', 'pods'];
    const child = spawn('kubectl', words, { uid: nobody, env: { PATH: process.env['PATH'] } });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    const [code] = (await once(child, 'close')) as [number];
    expect([code, said]).toEqual([1, expect.stringContaining('provide credentials')]);
  });

  it('lets a pod do what the roles of its account allow, by its token', async () => {
    const token = await tokenOfPod();
    const within = '/api/v1/namespaces/default';
    expect(await askAs(token, '/apis')).toBe(200);
    expect(await askAs(token, `${within}/pods/web`)).toBe(200);
    expect(await askAs(token, `${within}/configmaps/site`)).toBe(403);
    expect(await askAs(token, '/api/v1/nodes')).toBe(403);
    expect(await askAs(token, '/api/v1/pods')).toBe(403);
  });

  it('shows skerry the same, without a network', async () => {
    expect(await skerry('status')).toMatch(
      /: cut off from the cluster since [^]* reports? (?:is|are) waiting here[^]*web +1\/1 +Running/,
    );
    expect(await skerry('get', 'pods,cm')).toMatch(/default +web[^]*default +site/);
    expect(await skerry('describe', 'pod', 'web')).toMatch(/phase: Running[^]*Started/);
    expect(await skerry('logs', 'web')).toMatch(/^ready at \d+\n$/);
    await expect(skerry('get', 'pod', 'none', '-n', 'other')).resolves.toContain('none of pod');
    await expect(skerry('restart', 'none')).rejects.toThrow('this node holds no Pod none');
  });

  it('says that its disk is full, since when, and what that means', async () => {
    await disk.fill(undefined);
    await eventually('the word of it', async () =>
      /what is wrong:\n {2}disk of \S+: the agent cannot write: .*(bytes are free|space)[^\n]*\n {4}since \S+ \(\d+ \w+\); pods and devices run on;.*free some space/.test(
        await skerry('status'),
      ),
    );
    const ready = await fetch(`http://127.0.0.1:${node.metricsPort}/readyz/disk`);
    expect(ready.status).toBe(500);
    await disk.free(undefined);
    await eventually(
      'its end',
      async () => !(await skerry('status')).includes('the agent cannot write'),
    );
  });

  it('says why, of what cannot be written here', async () => {
    const refused = (words: readonly string[]): Promise<string> => refusedBy(local, words);
    expect(await refused(['create', 'configmap', 'x'])).toContain('written in the cluster');
    expect(await refused(['set', 'image', 'pod/web', 'main=other'])).toContain('not spec');
    expect(await refused(['label', 'node', node.name, 'a=b'])).toContain('nodes cannot be written');
    expect(await refused(['annotate', 'pod', 'web', 'kubernetes.io/x=1'])).toContain('steers');
    expect(await refused(['delete', 'silence', 'painting'])).toContain('end it there');
    const silence = {
      apiVersion: 'edge.skerry.io/v1alpha1',
      kind: 'Silence',
      metadata: { name: 'wide' },
      spec: { nodeSelector: {}, matchLabels: { a: 'b' }, endsAt: '2100-01-01T00:00:00Z' },
    };
    const wide = local.run(['create', '-f', '-'], JSON.stringify(silence));
    await expect(wide).rejects.toThrow('for this node alone');
    const endless = { ...silence, spec: { matchLabels: {}, endsAt: 'never' } };
    const wrong = local.run(['create', '-f', '-'], JSON.stringify(endless));
    await expect(wrong).rejects.toThrow(/a silence of everything|date-time/);
  });

  it('shows a watch what changes and what goes, and restarts a pod', async () => {
    const words = ['get', 'pods', '-w', '--output-watch-events', '--kubeconfig', local.kubeconfig];
    const watching = spawn('kubectl', words, { stdio: ['ignore', 'pipe', 'ignore'] });
    let seen = '';
    watching.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString('utf8')));
    try {
      await eventually('the watch', () => seen.includes('spare'));
      await local.run(['label', 'pod', 'web', 'site=north', 'shelf=3']);
      await local.run(['annotate', 'pod', 'web', 'edge.skerry.io/restarted-at=now']);
      await local.waitFor<Pod>(
        ['pod', 'web'],
        ({ status }) => status.containerStatuses?.[0]?.restartCount === 1,
      );
      await local.run(['delete', 'pod', 'spare']);
      await eventually('the end of the pod', () => /DELETED +spare/.test(seen));
      expect(seen).toMatch(/MODIFIED +web/);
    } finally {
      watching.kill('SIGKILL');
      await once(watching, 'close');
    }
  });

  it('keeps what waits for the cluster, over a crash of the agent', async () => {
    await node.daemon.crashAndRestart();
    const { metadata } = await local.waitFor<Pod>(['pod', 'web'], () => true);
    expect(metadata.labels).toMatchObject({ site: 'north', shelf: '3' });
    expect(metadata.annotations?.['edge.skerry.io/pending']).toBe(
      'labels/shelf, labels/site, annotations/edge.skerry.io/restarted-at',
    );
    await local.waitUntilGone(['pod', 'spare']);
    await showsWhatWasRead();
  });

  it('brings it to the cluster, whose own later writes stay, and tells which were lost', async () => {
    await node.daemon.end('SIGKILL');
    await system.hub.start();
    await cluster().run(['label', 'pod', 'web', 'site=south']);
    expect(await cluster().run(['get', 'pods', '-o', 'name'])).toContain('pod/spare');
    await node.daemon.start();
    await cluster().waitUntilGone(['pod', 'spare']);
    const settled = ({ metadata }: Pod): boolean =>
      metadata.labels?.['shelf'] === '3' &&
      metadata.labels['site'] === 'south' &&
      metadata.annotations?.['edge.skerry.io/pending'] === undefined;
    await cluster().waitFor<Pod>(['pod', 'web'], settled);
    await local.waitFor<Pod>(['pod', 'web'], settled);
    for (const kubectl of [cluster(), local]) {
      const told = (): Promise<string> => kubectl.run(['describe', 'pod', 'web']);
      const isTold = async (): Promise<boolean> => (await told()).includes('WriteRefused');
      await eventually('the event', isTold);
      expect(await told()).toContain('labels/site: "south" in the cluster, not "north"');
    }
  });
});
