import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { containersOf } from '../support/containers.ts';
import { ask, startDockerEngine, type DockerEngine } from '../support/docker-engine.ts';
import { eventually } from '../support/eventually.ts';
import { Kubectl } from '../support/kubectl.ts';
import { SkerryUp } from '../support/skerry-up.ts';

/** Keeps every port below those that the kernel gives to clients. */
const offset = 1_000 + (process.pid % 2_500) * 5;
const helloUrl = `http://127.0.0.1:${18_080 + offset}`;
let engine: DockerEngine;
let directory: string;
/** Marks the containers of a system that is kept in our directory. */
let ownerHash: string;
let kubectl: Kubectl;
let ups: SkerryUp[];

beforeAll(async () => {
  engine = await startDockerEngine();
  process.env['DOCKER_HOST'] = `unix://${engine.socketPath}`;
  directory = await mkdtemp(join(tmpdir(), 'skerry-up-'));
  ownerHash = createHash('sha256').update(directory).digest('hex').slice(0, 8);
  kubectl = new Kubectl(join(directory, 'kubeconfig'));
  ups = [];
});
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  console.log(ups.map(({ screen }) => screen).join('\n-----\n'));
  console.log(await ask(engine.socketPath, 'GET', '/containers/json?all=1'));
});
afterAll(async () => {
  for (const up of ups) await up[Symbol.asyncDispose]();
  const left = (await containersOf(engine, 'hello')).filter(({ Labels }) =>
    Labels['io.skerry.owner']?.endsWith(ownerHash),
  );
  for (const { Id } of left)
    await ask(engine.socketPath, 'DELETE', `/containers/${Id}?force=true&v=true`);
  await engine[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

function up(...words: string[]): SkerryUp {
  const started = new SkerryUp([
    '--data-dir',
    directory,
    '--port-offset',
    String(offset),
    ...words,
  ]);
  ups.push(started);
  return started;
}

/** Processes whose command line names our directory. */
async function processes(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid,args']);
  return stdout.split('\n').filter((line) => line.includes(directory));
}

interface Device {
  readonly status?: {
    readonly twins?: readonly {
      readonly propertyName: string;
      readonly reported?: { readonly value: string };
    }[];
  };
}

function reported({ status }: Device, property: string): number {
  const twin = status?.twins?.find(({ propertyName }) => propertyName === property);
  return Number(twin?.reported?.value);
}

describe('skerry up', () => {
  it('shows a node, a pod and a device that live', async () => {
    const running = up();
    await running.untilUp();
    expect(running.screen).toMatch(/edge-1 +Ready/);
    expect(running.screen).toMatch(/hello +1\/1 +Running/);
    expect(running.screen).toContain(`export KUBECONFIG=${directory}/kubeconfig`);
    expect(await (await fetch(helloUrl)).text()).toContain('Hello from a pod');
    expect(await kubectl.run(['get', 'nodes,pods,devices'])).toMatch(/device.*\/thermometer/);
  });

  it('lets a patch of the setpoint reach the thermometer, and back', async () => {
    const patch = [{ op: 'replace', path: '/spec/properties/1/desired/value', value: '25' }];
    const words = ['patch', 'device', 'thermometer', '--type=json', '-p', JSON.stringify(patch)];
    await kubectl.run(words);
    await kubectl.waitFor<Device>(['device', 'thermometer'], (d) => reported(d, 'setpoint') === 25);
    await kubectl.waitFor<Device>(
      ['device', 'thermometer'],
      (d) => reported(d, 'temperature') > 23,
    );
  });

  it('lets a changed ConfigMap reach the running pod', async () => {
    const patch = JSON.stringify({ data: { greeting: 'Changed.\n' } });
    await kubectl.run(['patch', 'configmap', 'hello', '-p', patch]);
    await eventually('the new text', async () => {
      return (await (await fetch(helloUrl)).text()) === 'Changed.\n';
    });
  });

  it('says who holds the port when it is started twice', async () => {
    const second = up();
    expect(await second.exited()).toBe(1);
    expect(second.screen).toMatch(/127\.0\.0\.1:\d+ is already in use by process \d+: .*cloudhub/);
  });

  it.each(['edgecore', 'cloudhub'])('starts %s again when it is killed', async (name) => {
    const [line = ''] = (await processes()).filter((one) => one.includes(`${name} --config`));
    process.kill(Number(line.trim().split(' ')[0]), 'SIGKILL');
    await eventually('the news', () => ups[0]!.screen.includes(`${name} ended (SIGKILL)`));
    const patch = JSON.stringify({ data: { greeting: `After ${name}.\n` } });
    await eventually('a cluster', () => kubectl.run(['patch', 'configmap', 'hello', '-p', patch]));
    await eventually('the new text', async () => {
      return (await (await fetch(helloUrl)).text()) === `After ${name}.\n`;
    });
  });

  it('ends with SIGKILL without leaving its daemons, and recovers everything', async () => {
    await ups[0]!.end('SIGKILL');
    const again = up();
    await again.untilUp();
    expect(again.screen).toMatch(/hello +1\/1 +Running/);
    expect(await (await fetch(helloUrl)).text()).toBe('After cloudhub.\n');
    await kubectl.waitFor<Device>(['device', 'thermometer'], (d) => reported(d, 'setpoint') === 25);
  });

  it('stops everything on Ctrl-C', async () => {
    expect(await ups.at(-1)!.end('SIGINT')).toBe(0);
    expect(await processes()).toEqual([]);
    await expect(fetch(helloUrl)).rejects.toThrow();
  });

  it('goes on from there, or begins anew', async () => {
    const again = up();
    await again.untilUp();
    expect(await (await fetch(helloUrl)).text()).toBe('After cloudhub.\n');
    expect(await again.end('SIGINT')).toBe(0);
    const fresh = up('--fresh');
    await fresh.untilUp();
    expect(await (await fetch(helloUrl)).text()).toContain('Hello from a pod');
    expect(await fresh.end('SIGINT')).toBe(0);
  });
});
