import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JudgementsView } from '@skerry/edgecore/judgement/judgement-view';
import type { Verification } from '@skerry/edgecore/judgement/verifier';
import { TestSystem, showLogsOfFailures, type TestNode } from '../support/daemons.ts';
import { eventually } from '../support/eventually.ts';

const bin = (name: string): string => join(import.meta.dirname, '../../packages', name);
let system: TestSystem;
let node: TestNode;
let web: TestServer;
let plc: TestServer;

/** What a program of ours prints, and its exit code. */
function run(program: string, ...words: string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...words], (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, text: stdout + stderr });
    });
  });
}

const address = (): string => `http://127.0.0.1:${node.metricsPort}`;
const judge = (...words: string[]): ReturnType<typeof run> =>
  run(join(bin('cli'), 'bin/skerry.js'), 'judge', '--edge', address(), ...words);
const judged = async (): Promise<JudgementsView> =>
  JSON.parse((await judge('-o', 'json')).text) as JudgementsView;
const verdictOf = async (name: string): Promise<string | undefined> =>
  (await judged()).judgements.find((one) => one.name === name)?.verdict;
const configOf = (): string => join(system.directory, `${node.name}.yaml`);
const verifyByHand = (...words: string[]): ReturnType<typeof run> =>
  run(join(bin('edgecore'), 'bin/edgecore.js'), 'verify', '--config', configOf(), ...words);

/** A server of the site, which stops and comes back at its port. */
class TestServer {
  port = 0;
  #server: Server | undefined;

  async start(): Promise<void> {
    const server = createServer((_, response) => response.end('fine'));
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }
}

/** Whether the services of the node run: its broker is one of them. */
const brokerAnswers = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(node.mqttPort, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

const unit = (name: string, source: object, wish: object = {}): object => ({
  name,
  source,
  threshold: 1,
  periodSeconds: 1,
  timeoutSeconds: 2,
  ...wish,
});
const judgement = (name: string, units: object[], wish: object = {}): object => ({
  apiVersion: 'edge.skerry.io/v1alpha1',
  kind: 'StatusJudgement',
  metadata: { name },
  spec: { periodSeconds: 1, turnsAfter: 2, units, ...wish },
});

interface NodeShown {
  readonly status: {
    readonly conditions: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
  };
}

const conditionOf = async (): Promise<string> => {
  const { status } = await system.kubectl.json<NodeShown>('get', 'node', node.name);
  const found = status.conditions.find(({ type }) => type === 'edge.skerry.io/Judgement');
  return `${found?.status} ${found?.reason} ${found?.message}`;
};

interface JudgementShown {
  readonly metadata: { readonly generation: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly nodes?: readonly { readonly name: string; readonly verdict: string }[];
  };
}

beforeAll(async () => {
  system = await TestSystem.prepare();
  [web, plc] = [new TestServer(), new TestServer()];
  await Promise.all([web.start(), plc.start()]);
  const files = join(system.directory, 'judgements');
  await mkdir(files);
  const local = unit(
    'local',
    { http: { url: `http://127.0.0.1:${web.port}/` } },
    { required: true },
  );
  const start = judgement('start', [local], { verifyStart: true });
  await writeFile(join(files, 'start.yaml'), JSON.stringify(start));
  await system.startHub();
  node = await system.addNode({
    docker: { host: `unix://${join(system.directory, 'no-engine.sock')}` },
    judgement: { dir: files },
  });
});
afterAll(async () => {
  await Promise.all([web.stop(), plc.stop()]);
  await system[Symbol.asyncDispose]();
});
showLogsOfFailures(() => system);

describe('a node that judges itself', { timeout: 180_000 }, () => {
  it('holds its services back while a judgement of a file is Blocked, before any hub', async () => {
    await web.stop();
    await system.hub.end('SIGTERM');
    await node.daemon.start();
    const held = await eventually('held back', async () => {
      const { start } = await judged();
      return start.phase === 'held' && start;
    });
    expect(await brokerAnswers()).toBe(false);
    expect(held.why).toContain('start is Blocked: local (required) is 02');
    expect((await judge()).text).toMatch(/services of \S+ are held back since/);
    const byHand = await verifyByHand();
    expect(byHand.text).toMatch(/start: Blocked/);
    expect(byHand.text).toMatch(/local +02 +0 +NO +1 required/);
    expect(byHand.code).toBe(1);
    const readyz = await fetch(`${address()}/readyz?verbose`);
    expect(await readyz.text()).toContain('[-]judgement failed: services are held back');
  });

  it('starts them once it is not, and says so in this order', async () => {
    await web.start();
    await eventually('started', async () => (await judged()).start.phase === 'started');
    const lines = (await node.daemon.log()).split('\n').filter((line) => line.startsWith('{'));
    const said = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    const order = ['verifier status query', 'verifier report', 'verifier exited', 'services start'];
    const places = order.map((msg) => said.lastIndexOf(msg));
    expect(places.toSorted((a, b) => a - b)).toEqual(places);
    expect(Math.min(...places)).toBeGreaterThan(said.indexOf('services held back'));
    await eventually('the broker', brokerAnswers);
    const byHand = await verifyByHand('start', '-o', 'json');
    expect(byHand.code).toBe(0);
    const [found] = JSON.parse(byHand.text) as Verification[];
    expect(found).toMatchObject({ judgement: 'start', verdict: 'Ready' });
    expect(found?.results[0]).toMatch(/^local#01@\d{13}$/);
  });

  it('is given judgements by its labels, and tells how it stands', async () => {
    await system.hub.start();
    await system.untilReady(node);
    await system.kubectl.apply(
      judgement(
        'site',
        [
          unit('web', { http: { url: `http://127.0.0.1:${web.port}/` } }),
          unit('plc', { tcp: { host: '127.0.0.1', port: plc.port } }, { required: true }),
          unit('hub', { hub: {} }, { weight: 0 }),
        ],
        { nodeSelector: { matchLabels: { site: 'one' } } },
      ),
    );
    expect(await verdictOf('site')).toBeUndefined();
    await system.kubectl.run(['label', 'node', node.name, 'site=one']);
    await eventually('Ready', async () => (await verdictOf('site')) === 'Ready');
    await eventually('the condition', async () =>
      (await conditionOf()).startsWith('True Ready site is Ready; start is Ready'),
    );
    const shown = await system.kubectl.waitFor<JudgementShown>(
      ['sj', 'site'],
      ({ status }) => status?.nodes?.[0]?.verdict === 'Ready',
    );
    expect(shown.status?.observedGeneration).toBe(shown.metadata.generation);
    expect(shown.status?.nodes?.[0]?.name).toBe(node.name);
  });

  it('turns while it is cut off, for servers that have stopped', async () => {
    await system.hub.end('SIGKILL');
    await web.stop();
    await eventually('Degraded', async () => (await verdictOf('site')) === 'Degraded');
    await plc.stop();
    await eventually('Blocked', async () => (await verdictOf('site')) === 'Blocked');
    const { text } = await judge('site');
    expect(text).toMatch(/site is Blocked since \d{4}-.*, 0 % of the weight passes/);
    expect(text).toMatch(/plc +02 +0 +NO/);
    expect(text).toMatch(/web +02 +0 +NO .*[▁█]/);
    expect(text).toMatch(/hub +02 +0 +NO/);
    const metrics = await (await fetch(`${address()}/metrics`)).text();
    expect(metrics).toContain(
      'skerry_edge_judgement_verdict{judgement="site",verdict="Blocked"} 1',
    );
    expect(metrics).toContain('skerry_edge_judgement_unit_passes{judgement="site",unit="web"} 0');
  });

  it('keeps the verdict over a restart, and brings it up when the link is back', async () => {
    const before = (await judged()).judgements.find(({ name }) => name === 'site');
    await web.start(); // or its services would not start
    await node.daemon.crashAndRestart();
    await eventually('judged again', async () => {
      const now = (await judged()).judgements.find(({ name }) => name === 'site');
      return now?.units.length === 3 && now.since === before?.since && now.verdict === 'Blocked';
    });
    await system.hub.start();
    await eventually('the condition', async () =>
      /^False Blocked site is Blocked: plc \(required\) is 02: measured 0/.test(
        await conditionOf(),
      ),
    );
    const told = /^site is Blocked, was Degraded: .*\[web#0[12]@\d+ plc#02@\d+ hub#02@/;
    await eventually('the event', async () => {
      const events = ['get', 'events', '-n', 'default'];
      const { items } = await system.kubectl.json<{ items: { message: string }[] }>(...events);
      return items.some(({ message }) => told.test(message));
    });
    await plc.start();
    await eventually('Ready', async () =>
      (await conditionOf()).startsWith('True Ready site is Ready'),
    );
    await system.kubectl.waitFor<JudgementShown>(
      ['sj', 'site'],
      ({ status }) => status?.nodes?.[0]?.verdict === 'Ready',
    );
  });

  it('lets go of a judgement when its label goes, and the entry of the node with it', async () => {
    await system.kubectl.run(['label', 'node', node.name, 'site-']);
    await eventually('gone', async () => (await verdictOf('site')) === undefined);
    await system.kubectl.waitFor<JudgementShown>(
      ['sj', 'site'],
      ({ status }) => status?.nodes?.length === 0,
    );
  });

  it('holds a pod back that asks for a verification, until it may run', async () => {
    const flag = join(system.directory, 'flag');
    const checked = judgement(
      'gate',
      [
        unit(
          'flag',
          { command: { command: ['test', '-e', flag] } },
          { threshold: 0, comparison: '==' },
        ),
      ],
      { nodeName: node.name },
    );
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'careful', annotations: { 'edge.skerry.io/verify': 'gate' } },
      spec: {
        nodeName: node.name,
        runtimeClassName: 'process',
        containers: [{ name: 'main', image: 'none', command: ['sleep', '3600'] }],
      },
    };
    await system.kubectl.apply([checked, pod]);
    interface PodShown {
      readonly status?: {
        readonly phase?: string;
        readonly containerStatuses?: readonly {
          readonly state: {
            readonly waiting?: { readonly reason: string; readonly message: string };
          };
        }[];
      };
    }
    await system.kubectl.waitFor<PodShown>(['pod', 'careful'], ({ status }) => {
      const waiting = status?.containerStatuses?.[0]?.state.waiting;
      return waiting?.reason === 'Unverified' && waiting.message.includes('flag is 02: measured 1');
    });
    await writeFile(flag, '');
    await system.kubectl.waitFor<PodShown>(
      ['pod', 'careful'],
      ({ status }) => status?.phase === 'Running',
    );
    await system.kubectl.run(['delete', 'pod', 'careful', '--grace-period=1']);
  });
});
