import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { cloudHubConfig } from '@skerry/cloudhub/config';
import { edgeCoreConfig } from '@skerry/edgecore/config';
import { noEviction } from '@skerry/edgecore/node/node-config';
import { configApiVersion } from '@skerry/shared/config';
import { TestPki } from './certificates.ts';
import { freePorts } from './free-ports.ts';
import { Kubectl } from './kubectl.ts';
import { endProcessPods } from './process-pod.ts';
import { TestDaemon } from './test-daemon.ts';

const project = join(import.meta.dirname, '..', '..');

/** Settings that differ from what a test system would have, by section. */
export type Overrides = Readonly<Record<string, unknown>>;

export interface SystemOptions {
  /** Extends this cluster; absent: the hub embeds its own API. */
  readonly kubeconfig?: string;
  readonly hub?: Overrides;
  /** Where a package is whose daemons are run; absent: those of the checkout. */
  readonly package?: string;
}

/** A further hub of a test system. */
export interface TestHub {
  readonly daemon: TestDaemon;
  readonly edgesUrl: string;
}

/** An edge node of a test system. */
export interface TestNode {
  readonly name: string;
  readonly daemon: TestDaemon;
  readonly dataDir: string;
  /** Where its embedded MQTT broker listens. */
  readonly mqttPort: number;
  readonly metricsPort: number;
  /** Where the API over what it holds listens. */
  readonly localPort: number;
}

/**
 * The product as users run it, on free ports and in a directory of its own: the hub with its embedded
 * API, any number of edge nodes, and a kubectl that speaks to it. Nothing is left when it is disposed.
 */
export class TestSystem implements AsyncDisposable {
  readonly directory: string;
  readonly hub: TestDaemon;
  readonly kubectl: Kubectl;
  readonly apiUrl: string;
  readonly edgesUrl: string;
  readonly hubMetricsPort: number;
  readonly nodes: TestNode[] = [];
  readonly hubs: TestHub[] = [];
  readonly #pki: TestPki;
  readonly #hubOverrides: Overrides;
  readonly #programs: Programs;

  private constructor(parts: {
    directory: string;
    hub: TestDaemon;
    kubectl: Kubectl;
    ports: { api: number; edges: number; metrics: number };
    pki: TestPki;
    hubOverrides: Overrides;
    programs: Programs;
  }) {
    this.directory = parts.directory;
    this.hub = parts.hub;
    this.kubectl = parts.kubectl;
    this.apiUrl = `https://127.0.0.1:${parts.ports.api}`;
    this.edgesUrl = `wss://127.0.0.1:${parts.ports.edges}`;
    this.hubMetricsPort = parts.ports.metrics;
    this.#pki = parts.pki;
    this.#hubOverrides = parts.hubOverrides;
    this.#programs = parts.programs;
  }

  /** Prepares everything and starts nothing. */
  static async prepare(options: SystemOptions = {}): Promise<TestSystem> {
    const { kubeconfig, hub = {} } = options;
    const programs = programsOf(options.package);
    const directory = await mkdtemp(join(tmpdir(), 'skerry-system-'));
    const [api = 0, edges = 0, metrics = 0] = await freePorts(3);
    const pki = await TestPki.make(join(directory, 'pki'));
    const { cert, key } = await pki.hub();
    const config = {
      dataDir: join(directory, 'cloudhub'),
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      edges: { host: '127.0.0.1', port: edges, advertise: `127.0.0.1:${edges}` },
      metrics: { host: '127.0.0.1', port: metrics },
      tls: { ca: pki.ca.cert, cert, key },
      log: { level: 'debug' },
      ...hub,
      api: { host: '127.0.0.1', port: api, ...(hub['api'] as object | undefined) },
    };
    return new TestSystem({
      directory,
      hub: await daemon(directory, 'cloudhub', programs.cloudhub, cloudHubConfig.kind, config),
      kubectl: new Kubectl(kubeconfig ?? (await pki.kubeconfig(`https://127.0.0.1:${api}`))),
      ports: { api, edges, metrics },
      pki,
      hubOverrides: hub,
      programs,
    });
  }

  /** Starts the hub, and teaches its API the kinds of deploy/crds. */
  async startHub(): Promise<void> {
    await this.hub.start();
    await this.kubectl.run(['apply', '-f', join(project, 'deploy', 'crds')]);
    const definitions = (await readdir(join(project, 'deploy', 'crds'))).length;
    if (definitions > 0)
      await this.kubectl.run(['wait', '--for=condition=Established', 'crd', '--all']);
  }

  /** A further hub, which extends the same cluster; not started. */
  async addHub(overrides: Overrides = {}): Promise<TestHub> {
    const [edges = 0, metrics = 0] = await freePorts(2);
    const name = `hub-${this.hubs.length + 2}`;
    const { cert, key } = await this.#pki.hub();
    const config = {
      dataDir: join(this.directory, name),
      kubeconfig: this.kubectl.kubeconfig,
      edges: { host: '127.0.0.1', port: edges, advertise: `127.0.0.1:${edges}` },
      metrics: { host: '127.0.0.1', port: metrics },
      tls: { ca: this.#pki.ca.cert, cert, key },
      log: { level: 'debug' },
      ...this.#hubOverrides,
      ...overrides,
    };
    const program = this.#programs.cloudhub;
    const process_ = await daemon(this.directory, name, program, cloudHubConfig.kind, config);
    const hub = { daemon: process_, edgesUrl: `wss://127.0.0.1:${edges}` };
    this.hubs.push(hub);
    return hub;
  }

  /** A further edge node with a certificate of its own; not started. */
  async addNode(overrides: Overrides = {}): Promise<TestNode> {
    const name = `edge-${randomBytes(3).toString('hex')}`; // engines may be shared with other runs
    const [mqttPort = 0, metricsPort = 0, localPort = 0] = await freePorts(3);
    const { cert, key } = await this.#pki.node(name);
    const dataDir = join(this.directory, name);
    const config = {
      nodeName: name,
      dataDir,
      hub: { url: this.edgesUrl, redial: { firstMs: 50, maxMs: 500 } },
      tls: { ca: this.#pki.ca.cert, cert, key },
      docker: { host: process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock' },
      mqtt: { mode: 'embedded', host: '127.0.0.1', port: mqttPort },
      metrics: { host: '127.0.0.1', port: metricsPort },
      localApi: { host: '127.0.0.1', port: localPort },
      node: { eviction: noEviction },
      log: { level: 'debug' },
      ...overrides,
    };
    const program = this.#programs.edgecore;
    const process_ = await daemon(this.directory, name, program, edgeCoreConfig.kind, config);
    const node = { name, daemon: process_, dataDir, mqttPort, metricsPort, localPort };
    this.nodes.push(node);
    return node;
  }

  /** A kubeconfig for the bearer of a token, in the place of the last one. */
  bearerKubeconfig(token: string): Promise<string> {
    return this.#pki.bearerKubeconfig(this.apiUrl, token);
  }

  /** Resolves when the cluster says that the node is ready. */
  async untilReady({ name }: TestNode): Promise<void> {
    await this.kubectl.waitFor<NodeObject>(['node', name], isReady);
  }

  /** What every daemon wrote. */
  async logs(): Promise<string> {
    const daemons = [
      ['hub', this.hub] as const,
      ...this.hubs.map(({ daemon: one }, n) => [`hub-${n + 2}`, one] as const),
      ...this.nodes.map((n) => [n.name, n.daemon] as const),
    ];
    const logs = await Promise.all(
      daemons.map(async ([name, daemon]) => `===== ${name}\n${await daemon.log()}`),
    );
    return logs.join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map(({ daemon }) => daemon[Symbol.asyncDispose]()));
    await Promise.all(this.hubs.map(({ daemon }) => daemon[Symbol.asyncDispose]()));
    await this.hub[Symbol.asyncDispose]();
    await endProcessPods(this.directory);
    await rm(this.directory, { recursive: true, force: true });
  }
}

interface Programs {
  readonly cloudhub: string;
  readonly edgecore: string;
}

function programsOf(directory: string | undefined): Programs {
  const program = (name: string): string =>
    directory === undefined
      ? join(project, 'packages', name, 'bin', `${name}.js`)
      : join(directory, 'bin', name);
  return { cloudhub: program('cloudhub'), edgecore: program('edgecore') };
}

/** Prints every daemon's log after a test that failed. Call it where tests are described. */
export function showLogsOfFailures(system: () => TestSystem | undefined): void {
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.log(await system()?.logs());
  });
}

async function daemon(
  directory: string,
  name: string,
  program: string,
  kind: string,
  config: object,
): Promise<TestDaemon> {
  const configFile = join(directory, `${name}.yaml`);
  await mkdir(directory, { recursive: true });
  // JSON is YAML
  await writeFile(configFile, JSON.stringify({ apiVersion: configApiVersion, kind, ...config }));
  return new TestDaemon({
    name,
    program,
    configFile,
    logFile: join(directory, `${name}.log`),
  });
}

interface NodeObject {
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

function isReady({ status }: NodeObject): boolean {
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;
}
