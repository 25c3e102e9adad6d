import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kubeconfigIn } from '@skerry/edgecore/localapi/credentials';
import { socketPath } from '@skerry/edgecore/localapi/run-local-api';
import { TestSystem, showLogsOfFailures, type TestNode } from '../support/daemons.ts';
import { eventually } from '../support/eventually.ts';
import { freePorts } from '../support/free-ports.ts';
import { mosquittoSub, startMosquitto } from '../support/mosquitto.ts';
import { receiveJson } from '../support/json-receiver.ts';
import { Kubectl } from '../support/kubectl.ts';

let opened: AsyncDisposableStack;
let system: TestSystem;
let node: TestNode;
let webhookPort: number;

const hub = { heartbeatSeconds: 1, nodeMonitorGraceSeconds: 4 };

beforeAll(async () => {
  opened = new AsyncDisposableStack();
  [webhookPort = 0] = await freePorts(1);
  system = opened.use(await TestSystem.prepare({ hub }));
  await system.startHub();
  node = await system.addNode({ alarms: { periodSeconds: 1 } });
  await node.daemon.start();
  await system.untilReady(node);
});
afterAll(() => opened.disposeAsync());
showLogsOfFailures(() => system);

interface Notified {
  readonly status: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly startsAt: string;
    readonly endsAt: string;
    readonly fingerprint: string;
  }[];
}

/** What a webhook was sent from now on. */
async function startWebhook(): Promise<Notified[]> {
  const taken: Notified[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      taken.push(JSON.parse(body) as Notified);
      response.end();
    });
  });
  server.listen(webhookPort, '127.0.0.1');
  await once(server, 'listening');
  opened.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return taken;
}

interface AlertObject {
  readonly spec: { readonly rule: string; readonly node: string; readonly source: string };
  readonly status?: {
    readonly state: string;
    readonly startsAt: string;
    readonly endsAt: string | null;
    readonly message: string;
    readonly silencedBy?: string;
  };
}

async function alertsOf(rule: string): Promise<AlertObject[]> {
  const { items } = JSON.parse(await system.kubectl.run(['get', 'alerts', '-o', 'json'])) as {
    items: AlertObject[];
  };
  return items.filter(({ spec }) => spec.rule === rule);
}

const program = join(import.meta.dirname, '..', '..', 'packages', 'cli', 'bin', 'skerry.js');

/** What the command prints; rejects when it fails. */
async function skerry(...words: string[]): Promise<string> {
  const run = promisify(execFile);
  const env = { PATH: process.env['PATH'] };
  return (await run(process.execPath, [program, ...words], { env })).stdout;
}

/** Where the agent of the node is spoken with. */
const agent = (): string[] => ['--socket', socketPath(node.dataDir, undefined)];

interface Shown {
  readonly rule: string;
  readonly phase: string;
}

async function shownAt(rule: string): Promise<Shown | undefined> {
  const answer = await fetch(`http://127.0.0.1:${node.metricsPort}/alerts`);
  return ((await answer.json()) as Shown[]).find((one) => one.rule === rule);
}

function ruleObject(name: string, spec: object): string {
  const whole = { nodeName: node.name, severity: 'critical', ...spec };
  const kind = { apiVersion: 'edge.skerry.io/v1alpha1', kind: 'AlertRule' };
  return JSON.stringify({ ...kind, metadata: { name }, spec: whole });
}

describe('an alarm', () => {
  it('is raised by a node that is cut off, told once when somebody listens, and shown to the cluster later', async () => {
    const broker = opened.use(await startMosquitto());
    const heard = opened.use(await mosquittoSub(broker.port, 'site/#'));
    const rule = ruleObject('cut-off', {
      source: { metric: { name: 'skerry_edge_link_up' } },
      comparison: { operator: 'LessThan', threshold: 1 },
      message: '{{ node }} has no hub, link is {{ value }}',
      labels: { team: 'sea' },
      receivers: [
        { webhook: { url: `http://127.0.0.1:${webhookPort}/alarms` } },
        { mqtt: { url: broker.url, topic: 'site/{node}/alarms', qos: 1 } },
      ],
    });
    await system.kubectl.run(['apply', '-f', '-'], rule);
    await eventually('the rule at the node', async () => {
      const rules = await fetch(`http://127.0.0.1:${node.metricsPort}/alert-rules`);
      return ((await rules.json()) as { name: string }[]).some(({ name }) => name === 'cut-off');
    });
    const cutAt = Math.floor(Date.now() / 1_000) * 1_000;
    await system.hub.end('SIGTERM');
    await eventually(
      'an alert at the node',
      async () => (await shownAt('cut-off'))?.phase === 'firing',
    );
    const cut = await skerry('alerts', ...agent());
    expect(cut).toMatch(new RegExp(`critical\\s+firing\\s+${node.name}\\s+cut-off\\s+\\d{4}-`));
    await skerry('alerts', 'silence', 'team=harbour', '--comment', 'painting', ...agent());
    await node.daemon.crashAndRestart(); // it goes on where it was, and does not raise it anew
    await eventually(
      'the alert after a restart',
      async () => (await shownAt('cut-off'))?.phase === 'firing',
    );

    const taken = await startWebhook();
    await eventually('the webhook', () => taken.length > 0);
    expect(taken[0]).toMatchObject({
      version: '4',
      status: 'firing',
      groupLabels: { alertname: 'cut-off' },
      commonLabels: { alertname: 'cut-off', node: node.name, severity: 'critical', team: 'sea' },
      alerts: [
        {
          annotations: { message: `${node.name} has no hub, link is 0`, value: '0' },
          endsAt: '0001-01-01T00:00:00Z',
        },
      ],
    });
    const startsAt = Date.parse(taken[0]?.alerts[0]?.startsAt ?? '');
    expect(startsAt).toBeGreaterThanOrEqual(cutAt);

    const local = new Kubectl(kubeconfigIn(node.dataDir));
    const atNode = await eventually('the local API', () => local.run(['get', 'alerts']));
    expect(atNode).toMatch(/cut-off\S*\s+critical\s+firing/);
    expect(await local.run(['get', 'silences', '-o', 'yaml'])).toContain('pending: creation');

    await system.hub.start();
    await eventually('the end of it', () => taken.length > 1);
    expect(taken.map(({ status }) => status)).toEqual(['firing', 'resolved']);
    for (const notification of taken) {
      const { topic, payload } = await heard.next();
      expect([topic, JSON.parse(payload)]).toEqual([`site/${node.name}/alarms`, notification]);
    }
    const [first, second] = taken.map(({ alerts }) => alerts[0]);
    expect(second?.fingerprint).toBe(first?.fingerprint);
    expect(second?.startsAt).toBe(first?.startsAt);

    const silence = await eventually('the silence in the cluster', async () => {
      const { items } = JSON.parse(await system.kubectl.run(['get', 'silences', '-o', 'json'])) as {
        items: { metadata: object; spec: object }[];
      };
      return items[0];
    });
    expect(silence).toMatchObject({
      metadata: { annotations: { 'edge.skerry.io/made-at': node.name } },
      spec: { nodeName: node.name, matchLabels: { team: 'harbour' }, comment: 'painting' },
    });
    const found = await eventually('the Alert object', async () =>
      (await alertsOf('cut-off')).find(({ status }) => status?.state === 'resolved'),
    );
    const whole = (time: string | null | undefined): number =>
      Math.floor(Date.parse(time ?? '') / 1_000);
    expect(found.spec).toMatchObject({ node: node.name, source: 'edge' });
    expect(whole(found.status?.startsAt)).toBe(whole(first?.startsAt));
    expect(whole(found.status?.endsAt)).toBe(whole(second?.endsAt));
    await eventually('Events of the Node', async () => {
      const events = await system.kubectl.run([
        'get',
        'events',
        '-o',
        'jsonpath={.items[*].reason}',
      ]);
      return events.includes('AlertFiring') && events.includes('AlertResolved');
    });
    const told = await skerry('alerts', '--all', '--kubeconfig', system.kubectl.kubeconfig);
    expect(told).toMatch(/critical\s+resolved\s+\S+\s+cut-off/);
    expect(await system.kubectl.run(['get', 'alerts'])).toMatch(/cut-off\S*\s+critical\s+resolved/);
  });

  it('is raised by the hub when a node falls silent, and told over a crash of the hub', async () => {
    let status = 503;
    const receiver = opened.use(await receiveJson<Notified>(() => status));
    await system.kubectl.run(
      ['apply', '-f', '-'],
      ruleObject('node-silent', {
        source: { nodeSilence: {} },
        comparison: { operator: 'GreaterThan', threshold: 4 },
        receivers: [{ webhook: { url: receiver.url } }],
      }),
    );
    await node.daemon.end('SIGKILL');
    const firing = await eventually('an alert of the hub', async () =>
      (await alertsOf('node-silent')).find(({ status }) => status?.state === 'firing'),
    );
    expect(firing.spec).toMatchObject({ node: node.name, source: 'hub' });
    await system.hub.crashAndRestart();
    status = 200;
    const told = await eventually('the webhook', () => receiver.taken[0]);
    expect(told).toMatchObject({ status: 'firing', commonLabels: { node: node.name } });
    await node.daemon.start();
    await eventually('its end', async () =>
      (await alertsOf('node-silent')).some(({ status }) => status?.state === 'resolved'),
    );
    await eventually('the webhook, again', () => receiver.taken.length === 2);
    expect(receiver.taken.map(({ status }) => status)).toEqual(['firing', 'resolved']);
  });

  it('is silenced at the node, and told when the silence has ended', async () => {
    const said = await skerry('alerts', 'silence', 'alertname=always', ...agent());
    const [, name = ''] = /^silence (\S+) lasts until/.exec(said) ?? [];
    const always = ruleObject('always', {
      source: { metric: { name: 'process_start_time_seconds' } },
      comparison: { operator: 'GreaterThan', threshold: 0 },
    });
    await system.kubectl.run(['apply', '-f', '-'], always);
    await eventually('the alert, silenced', async () => {
      const [alert] = await alertsOf('always');
      return alert?.status?.state === 'firing' && alert.status.silencedBy === name;
    });
    const events = (): Promise<string> =>
      system.kubectl.run(['get', 'events', '-o', 'jsonpath={.items[*].message}']);
    expect(await events()).not.toContain('always:');
    await eventually('the silence in the cluster', () =>
      system.kubectl.run(['get', 'silence', name]),
    );
    await eventually('what both come to', async () => {
      const table = await system.kubectl.run(['get', 'alertrules,silences']);
      const rule = /always\s+critical\s+(<none>)?\s+True\s+Read\s+1\s/.test(table);
      return rule && new RegExp(`${name}\\s+Active\\s+1\\s`).test(table);
    });
    await skerry('alerts', 'unsilence', name, ...agent());
    await system.kubectl.waitUntilGone(['silence', name]);
    await eventually('the Event', async () => (await events()).includes('always:'));
    await eventually('the object', async () => {
      const [alert] = await alertsOf('always');
      return alert?.status !== undefined && alert.status.silencedBy === undefined;
    });
  });

  it('is refused where a rule says two things at once, or nothing that can hold', async () => {
    const wrong = [
      {
        source: { certificate: {}, device: {} },
        comparison: { operator: 'LessThan', threshold: 1 },
      },
      { source: { device: {} }, comparison: { operator: 'In', threshold: 1 } },
    ];
    for (const spec of wrong)
      await expect(
        system.kubectl.run(['apply', '-f', '-'], ruleObject('wrong', spec)),
      ).rejects.toThrow(/exactly one of|need/);
  });
});
