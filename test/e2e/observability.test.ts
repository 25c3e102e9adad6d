import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseYaml } from '@skerry/shared/yaml';
import { TestSystem, showLogsOfFailures, type TestNode } from '../support/daemons.ts';
import { eventually } from '../support/eventually.ts';
import { mosquittoPub } from '../support/mosquitto.ts';
import { processPod } from '../support/process-pod.ts';
import { TraceCollector, outline, type CollectedSpan } from '../support/trace-collector.ts';
import { familiesOf, metricsIn, sampleNames } from '../support/exposition.ts';

const monitoring = join(import.meta.dirname, '..', '..', 'deploy', 'monitoring');

let opened: AsyncDisposableStack;
let system: TestSystem;
let node: TestNode;
let collector: TraceCollector;

beforeAll(async () => {
  opened = new AsyncDisposableStack();
  collector = opened.use(await TraceCollector.start());
  const tracing = { endpoint: collector.url };
  system = opened.use(await TestSystem.prepare({ hub: { tracing } }));
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
  it('is everything that the dashboard and the rules ask for', async () => {
    const hub = sampleNames(await familiesOf(system.hubMetricsPort));
    const edge = sampleNames(await familiesOf(node.metricsPort));
    const queries = [...(await rules()), ...(await panels())];
    const asked = new Set(queries.flatMap(({ expr }) => metricsIn(expr)));
    expect(asked.size).toBeGreaterThan(40);
    expect([...asked].filter((name) => !hub.has(name) && !edge.has(name))).toEqual([]);
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

  it('is described, every metric, in docs/OBSERVABILITY.md', async () => {
    const described = await readFile(
      join(monitoring, '..', '..', 'docs', 'OBSERVABILITY.md'),
      'utf8',
    );
    const ports = [system.hubMetricsPort, node.metricsPort];
    const names = (await Promise.all(ports.map(familiesOf))).flatMap((one) => [...one.keys()]);
    expect(names.filter((name) => !described.includes(`\`${name}\``))).toEqual([]);
  });

  it('is found in an expression whatever is around it', () => {
    const expression =
      'histogram_quantile(0.9, sum by (le, a_b) (rate(x_bucket{a="y_z"}[5m]))) > 1e3 and on (c) k_total offset 5m';
    expect(metricsIn(expression).filter((name) => name.includes('_'))).toEqual([
      'x_bucket',
      'k_total',
    ]);
  });
});

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
