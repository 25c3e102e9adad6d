import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestPki } from '../support/certificates.ts';
import { showLogsOfFailures, TestSystem } from '../support/daemons.ts';
import { eventually } from '../support/eventually.ts';
import { simCommand } from '../support/sim-command.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await TestSystem.prepare({ hub: { maxNodes: 30 } });
  await system.startHub();
});

afterAll(() => system[Symbol.asyncDispose]());

showLogsOfFailures(() => system);

function sim(...words: string[]) {
  return simCommand(system, ...words);
}

async function names(...kinds: string[]): Promise<string[]> {
  const listed = await system.kubectl.run(['get', kinds.join(','), '-A', '-o', 'name']);
  return listed.split('\n').filter((name) => name.includes('sim'));
}

it('registers nodes, reports devices, and leaves nothing behind when it is told to end', async () => {
  const { child, ended } = sim(
    ...['--nodes', '20', '--devices', '40', '--report-seconds', '1', '-o', 'json'],
    ...['--changes-per-second', '10', '--generator', 'sawtooth'],
  );
  const reported = async (): Promise<boolean> => {
    const values = await system.kubectl.run([
      ...['get', 'devices', '-o', 'jsonpath={.items[*].status.twins[0].reported.value}'],
    ]);
    const ready = await system.kubectl.run([
      ...[
        'get',
        'nodes',
        '-o',
        'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}',
      ],
    ]);
    for (const value of values.split(' ')) expect(value).toMatch(/^(1[5-9]|2[0-5])\.\d{4}$|^$/);
    return values.split(' ').length === 40 && ready.split(' ').length === 20;
  };
  const looked = eventually('all devices reported', reported);
  await looked.finally(() => child.kill('SIGINT'));
  const { code, out, error } = await ended;
  expect(error).not.toContain('FAILED');
  expect(code).toBe(0);
  const summary = JSON.parse(out) as Record<string, unknown>;
  expect(summary).toMatchObject({ nodes: 20, devices: 40, reports_refused: 0, failures: {} });
  expect(summary['in_sync_seconds']).toBeGreaterThan(0);
  expect(summary['change_p99_ms']).toBeGreaterThan(0);
  expect(await names('nodes', 'leases', 'devices', 'devicemodels')).toEqual([]);
});

it('says that the hub takes no more nodes', async () => {
  const { code, error } = await sim('--nodes', '31').ended;
  expect(error).toContain('this hub takes 30 nodes (maxNodes)');
  expect(code).toBe(1);
  expect(await names('nodes', 'leases')).toEqual([]);
});

it('says that no hub is there, or that it has another authority', async () => {
  const nowhere = await sim('--nodes', '1', '--hub', 'wss://127.0.0.1:1').ended;
  expect(nowhere.error).toContain('No hub is there');
  expect(nowhere.code).toBe(1);

  const strangers = await TestPki.make(join(system.directory, 'strangers'));
  const stranger = await sim('--nodes', '1', '--pki', dirname(strangers.ca.cert)).ended;
  expect(stranger.error).toContain('Another authority signed the certificate of that hub');
  expect(stranger.code).toBe(1);
});
