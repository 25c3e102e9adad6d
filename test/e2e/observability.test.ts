import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseYaml } from '@skerry/shared/yaml';
import { TestSystem, showLogsOfFailures, type TestNode } from '../support/daemons.ts';
import { eventually } from '../support/eventually.ts';
import { mosquittoPub } from '../support/mosquitto.ts';
import { processPod } from '../support/process-pod.ts';
import { TraceCollector, outline, type CollectedSpan } from '../support/trace-collector.ts';
import { documentedMetrics } from '../support/documented-metrics.ts';
import { familiesOf, sampleNames } from '../support/exposition.ts';
import { readPromQl } from '../support/promql.ts';

const monitoring = join(import.meta.dirname, '..', '..', 'deploy', 'monitoring');

let opened: AsyncDisposableStack;
let system: TestSystem;
let node: TestNode;
let collector: TraceCollector;

beforeAll(async () => {
  opened = new AsyncDisposableStack();
  collector = opened.use(await TraceCollector.start());
  const tracing = { endpoint: collector.url };
  const directory = await mkdtemp(join(tmpdir(), 'skerry-audit-'));
  opened.defer(() => rm(directory, { recursive: true }));
  const api = { auditLog: join(directory, 'audit.log') };
  system = opened.use(await TestSystem.prepare({ hub: { tracing, api } }));
  await system.startHub();
  node = await system.addNode({ log: { level: 'error' }, tracing });
  await node.daemon.start();
  await system.untilReady(node);
});
afterAll(() => opened.disposeAsync());
showLogsOfFailures(() => system);

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly Query[] }[];
}
interface Rules {
  readonly groups: readonly { readonly rules: readonly Query[] }[];
}
interface Query {
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: { readonly severity?: string };
  readonly annotations?: { readonly summary?: string };
}

async function rules(): Promise<Query[]> {
  const name = 'prometheus-rules.yaml';
  const { value } = parseYaml(await readFile(join(monitoring, name), 'utf8'), name);
  return (value as Rules).groups.flatMap((group) => group.rules);
}

async function panels(): Promise<Query[]> {
  const text = await readFile(join(monitoring, 'grafana-dashboard.json'), 'utf8');
  return (JSON.parse(text) as Dashboard).panels.flatMap(({ targets = [] }) => targets);
}

describe('what is measured', () => {
  it('is what docs/OBSERVABILITY.md says, every metric, and nothing else', async () => {
    const local = `http://127.0.0.1:${node.localPort}/version`;
    await eventually('the local API', () => fetch(local)); // what serves it is loaded when it is asked
    const documented = await documentedMetrics();
    const [hub, edge] = await Promise.all([
      familiesOf(system.hubMetricsPort),
      familiesOf(node.metricsPort),
    ]);
    const rows = (from: ReadonlyMap<string, { type: string; help: string }>): string[] =>
      [...from].map(([name, { type, help }]) => `${name} ${type}: ${help.replace(/\.$/, '')}`);
    const measured = rows(new Map([...hub, ...edge]));
    expect(measured.toSorted()).toEqual(rows(documented).toSorted());
    for (const [name, { labels }] of [...hub, ...edge])
      for (const label of labels) expect(documented.get(name)?.labels, name).toContain(label);
  });

  it('is explained, in base units, and counters say that they are', async () => {
    for (const port of [system.hubMetricsPort, node.metricsPort])
      for (const [name, { type, help }] of await familiesOf(port)) {
        expect(`${name}: ${help}`).toMatch(/: \S.+\.$/);
        expect(type === 'counter', name).toBe(name.endsWith('_total'));
        expect(name).not.toMatch(/_(?:ms|millis|milliseconds|kb|mb|mib|percent)(?:_|$)/);
        if (type === 'histogram') expect(name).toMatch(/_seconds$/);
      }
  });
});

describe('the dashboard and the rules', () => {
  /** Labels that Prometheus adds: where it asked, and which part of a histogram this is. */
  const added = ['instance', 'job', 'le'];

  it('ask for what is measured, by labels that it has', async () => {
    const documented = await documentedMetrics();
    const names = sampleNames(documented);
    const queries = [...(await rules()), ...(await panels())];
    const all = new Set<string>();
    for (const { expr } of queries) {
      const { metrics, labels } = readPromQl(expr);
      const families = [...metrics].map((name) => names.get(name) ?? expect.unreachable(name));
      const known = families.flatMap((name) => documented.get(name)?.labels ?? []);
      expect([...known, ...added], expr).toEqual(expect.arrayContaining([...labels]));
      for (const name of families) all.add(name);
    }
    expect(all.size).toBeGreaterThan(40);
  });

  it('are understood by nobody where they are not PromQL', () => {
    expect(() => readPromQl('sum(rate(x_total[5m])')).toThrow('not PromQL');
    expect(readPromQl('rate(x_total{a="y_z"}[$__rate_interval]) and on (c) k offset 5m')).toEqual({
      metrics: new Set(['x_total', 'k']),
      labels: new Set(['a', 'c']),
    });
  });

  it('say how bad it is and what is wrong, each alert under a name of its own', async () => {
    const said = await rules();
    expect(new Set(said.map(({ alert }) => alert)).size).toBe(said.length);
    for (const { alert, expr, for: span = '0m', labels, annotations } of said) {
      expect(alert).toMatch(/^Skerry(?:Hub|Edge)[A-Z]\w+$/);
      expect(span, alert).toMatch(/^\d+[smh]$/);
      expect(['warning', 'critical'], alert).toContain(labels?.severity);
      expect(annotations?.summary, alert).toMatch(/\S/);
      const shown = JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g);
      const grouped = [...readPromQl(expr).labels, ...added];
      for (const [, label] of shown) expect(grouped, alert).toContain(label);
    }
  });
});

/** What `skerry` printed; throws what it complained of. */
async function runSkerry(words: readonly string[]): Promise<string> {
  const bin = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'skerry.js');
  const { stdout } = await promisify(execFile)(process.execPath, [bin, ...words]);
  return stdout;
}

/** A trace that looks like this by and by. */
function traceLike(
  expected: readonly string[],
  begins: (span: CollectedSpan) => boolean,
): Promise<CollectedSpan[]> {
  return eventually(expected.join('\n'), () => {
    const traces = collector.traces(begins);
    const found = traces.find((trace) => outline(trace).join() === expected.join());
    if (!found) throw new Error(`there is ${JSON.stringify(traces.map((one) => outline(one)))}`);
    return found;
  });
}

describe('a trace', () => {
  it('follows one change of a ConfigMap from the hub until the pod that has it is seen to', async () => {
    const labelled = (value: string): object => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'followed' },
      data: { value },
    });
    const volumes = [{ name: 'config', configMap: { name: 'followed' } }];
    await system.kubectl.apply([labelled('1'), processPod('follower', node.name, { volumes })]);
    await system.kubectl.run(['wait', '--for=condition=Ready', 'pod/follower', '--timeout=90s']);
    await system.kubectl.apply(labelled('2'));
    const { metadata } = await system.kubectl.json<{ metadata: { resourceVersion: string } }>(
      ...['get', 'configmap', 'followed'],
    );
    const trace = await traceLike(
      [
        'cloudhub change',
        '  cloudhub queued',
        '  cloudhub sent',
        '    edgecore received',
        '      edgecore applied',
        '      edgecore applied',
        '      edgecore persisted',
      ],
      ({ facts }) => facts['skerry.version'] === metadata.resourceVersion,
    );
    const applied = trace.filter(({ name }) => name === 'applied');
    expect(applied.map(({ facts }) => facts['skerry.key'])).toEqual([
      'configmaps/default/followed',
      'pods/default/follower',
    ]);
    expect(trace.filter(({ failure }) => failure !== undefined)).toEqual([]);
    expect(trace.filter(({ start, end }) => end < start)).toEqual([]);
  });

  it('follows one reading of a device from the node until the API server has it', async () => {
    const apiVersion = 'devices.kubeedge.io/v1beta1';
    const property = { name: 'temperature', type: 'INT', accessMode: 'ReadOnly' };
    const visitors = { protocolName: 'mqtt', configData: { topic: 'oven/reading' } };
    await system.kubectl.apply([
      {
        ...{ apiVersion, kind: 'DeviceModel', metadata: { name: 'oven' } },
        spec: { protocol: 'mqtt', properties: [property] },
      },
      {
        ...{ apiVersion, kind: 'Device', metadata: { name: 'oven' } },
        spec: {
          deviceModelRef: { name: 'oven' },
          nodeName: node.name,
          protocol: { protocolName: 'mqtt' },
          properties: [{ name: 'temperature', visitors }],
        },
      },
    ]);
    await system.kubectl.waitFor<{ status?: { state?: string } }>(
      ['device', 'oven'],
      ({ status }) => status?.state !== undefined,
    );
    const since = Date.now();
    await mosquittoPub(node.mqttPort, 'oven/reading', '180');
    await traceLike(
      ['edgecore reported', '  edgecore queued', '  edgecore sent', '    cloudhub written'],
      ({ facts, start }) =>
        facts['skerry.key'] === 'devices.devices.kubeedge.io/default/oven' && start >= since,
    );
  });
});

describe('how much is logged', () => {
  it('is shown and set by skerry log-level, of hub and agent', async () => {
    const say = (...words: string[]): Promise<string> => runSkerry(['log-level', ...words]);
    const agent = `http://127.0.0.1:${node.metricsPort}`;
    expect(await say('--at', agent)).toBe('error\n');
    expect(await say('warn', '--at', agent)).toBe('warn\n');
    expect(await say('--at', agent)).toBe('warn\n');
    expect(await say('--at', `http://127.0.0.1:${system.hubMetricsPort}`)).toBe('debug\n');
  });

  const levelAt = (port: number): string => `http://127.0.0.1:${port}/log-level`;

  it('is changed while a hub and an agent run', async () => {
    for (const port of [system.hubMetricsPort, node.metricsPort]) {
      const answer = await fetch(levelAt(port), { method: 'PUT', body: 'info' });
      expect([answer.status, await answer.text()]).toEqual([200, 'info\n']);
    }
    expect(await node.daemon.log()).not.toContain('link is up');
    await system.hub.crashAndRestart();
    await eventually('a line of the level that was set', async () =>
      (await node.daemon.log()).includes('link is up'),
    );
  });
});
