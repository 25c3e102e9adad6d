import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSystem, showLogsOfFailures, type TestNode } from '../support/daemons.ts';
import { parseYamlStream } from '@skerry/shared/yaml';
import { samplesOf } from '../support/exposition.ts';
import { eventually } from '../support/eventually.ts';
import { everyField } from '../support/every-field.ts';
import { mosquittoPub, mosquittoSub } from '../support/mosquitto.ts';

let system: TestSystem;
let node: TestNode;

const apiVersion = 'devices.kubeedge.io/v1beta1';
const model = {
  apiVersion,
  kind: 'DeviceModel',
  metadata: { name: 'oven' },
  spec: {
    protocol: 'mqtt',
    properties: [
      { name: 'temperature', type: 'FLOAT', accessMode: 'ReadOnly' },
      { name: 'setpoint', type: 'INT', accessMode: 'ReadWrite', minimum: '0', maximum: '300' },
    ],
  },
};

function ovenOf(nodeName: string): object {
  const reading = (property: string): object => ({
    protocolName: 'mqtt',
    configData: { topic: 'oven/reading', jsonPath: `$.${property}`, timestampPath: '$.ts' },
  });
  return {
    apiVersion,
    kind: 'Device',
    metadata: { name: 'oven' },
    spec: {
      deviceModelRef: { name: 'oven' },
      nodeName,
      protocol: { protocolName: 'mqtt' },
      properties: [
        { name: 'temperature', visitors: reading('temperature') },
        {
          name: 'setpoint',
          desired: { value: '100' },
          visitors: {
            protocolName: 'mqtt',
            configData: {
              topic: 'oven/reading',
              jsonPath: '$.setpoint',
              timestampPath: '$.ts',
              setTopic: 'oven/set',
              setPath: '$.setpoint',
            },
          },
        },
      ],
    },
  };
}

beforeAll(async () => {
  system = await TestSystem.prepare({ hub: { nodeMonitorGraceSeconds: 8, heartbeatSeconds: 2 } });
  await system.startHub();
  node = await system.addNode();
  await node.daemon.start();
  await system.untilReady(node);
  await system.kubectl.apply([model, ovenOf(node.name)]);
});
afterAll(() => system[Symbol.asyncDispose]());
showLogsOfFailures(() => system);

const project = join(import.meta.dirname, '..', '..');

/** What `skerry` printed; throws what it complained of. */
async function runSkerry(words: readonly string[]): Promise<string> {
  const bin = join(project, 'packages', 'cli', 'bin', 'skerry.js');
  const { stdout } = await promisify(execFile)(process.execPath, [bin, ...words]);
  return stdout;
}

interface Sync {
  readonly status?: { readonly connected?: boolean };
}

interface Device {
  readonly spec?: {
    readonly properties: readonly {
      readonly name: string;
      readonly desired?: { readonly value: string };
    }[];
  };
  readonly status?: {
    readonly state?: string;
    readonly conditions?: readonly object[];
    readonly twins?: readonly {
      readonly propertyName: string;
      readonly reported?: {
        readonly value: string;
        readonly metadata?: { readonly timestamp?: string };
      };
    }[];
  };
}

function reported(
  { status }: Device,
  property: string,
): { value: string; timestamp: string | undefined } | undefined {
  const twin = status?.twins?.find(({ propertyName }) => propertyName === property)?.reported;
  return twin && { value: twin.value, timestamp: twin.metadata?.timestamp };
}

const publish = (reading: object): Promise<unknown> =>
  mosquittoPub(node.mqttPort, 'oven/reading', JSON.stringify(reading));
const until = (enough: (device: Device) => boolean): Promise<Device> =>
  system.kubectl.waitFor<Device>(['device', 'oven'], enough);

/** Until the node's broker is there, which comes after everything else. */
const answers = (): Promise<boolean> =>
  eventually('a broker', () => mosquittoPub(node.mqttPort, 'there', '').then(() => true));

describe('a manifest with every field', () => {
  const conditionsOf = ({ status }: Device): string =>
    (status?.conditions as { type: string; reason: string; message: string }[] | undefined)
      ?.map(({ type, reason, message }) => `${type} ${reason}: ${message}`)
      .join('\n') ?? '';
  const seen = (enough: (device: Device) => boolean): Promise<Device> =>
    system.kubectl.waitFor<Device>(['device', 'every-field'], enough);

  it('applies unchanged, and says on the Device what nothing acts on', async () => {
    await system.kubectl.run(['apply', '--validate=strict', '-f', '-'], everyField(node.name));
    const device = await seen(({ status }) => status?.state !== undefined);
    for (const wanted of parseYamlStream(everyField(node.name), 'every-field.yaml')) {
      const { kind, spec } = wanted as { kind: string; spec: object };
      const held = await system.kubectl.json<{ spec: object }>('get', kind, 'every-field');
      expect(held.spec).toEqual(spec);
    }
    const conditions = conditionsOf(device);
    expect(conditions).toMatch(
      /^Mapped ProtocolUnsupported: no mapper speaks modbus; programs may/m,
    );
    expect(conditions).toMatch(/^MethodsUnsupported Unsupported: nobody here carries out heat:/m);
    for (const method of ['otel', 'dbMethod', 'anomalyDetection'])
      expect(conditions).toMatch(
        new RegExp(`^PushMethodUnsupported Unsupported: .*temperature: ${method}`, 'm'),
      );
  });

  it('is served by a program, as with the agent that it was written for', async () => {
    const topic = '$hw/events/device/every-field/twin/update';
    const twin = { temperature: { actual: { value: '180' }, metadata: { type: 'Updated' } } };
    await mosquittoPub(node.mqttPort, topic, JSON.stringify({ event_id: 'e', twin }));
    const { status } = await seen((device) => reported(device, 'temperature')?.value === '180');
    expect(status?.twins).toMatchObject([{ observedDesired: { value: '180' } }]);
  });

  it('loses from its status what its model no longer has, and what a program removes', async () => {
    const topic = '$hw/events/device/every-field/twin/update';
    const extra = { extra: { actual: { value: 'x' } } };
    await mosquittoPub(node.mqttPort, topic, JSON.stringify({ event_id: 'e', twin: extra }));
    await seen((device) => reported(device, 'extra')?.value === 'x');
    await mosquittoPub(node.mqttPort, topic, JSON.stringify({ twin: { extra: null } }));
    await seen((device) => reported(device, 'extra') === undefined);
    const drop = '[{"op":"remove","path":"/spec/properties/0"}]';
    const patch = ['patch', 'devicemodel', 'every-field', '--type=json', '-p', drop];
    await system.kubectl.run(patch);
    const device = await seen((seenNow) => reported(seenNow, 'temperature') === undefined);
    expect(conditionsOf(device)).toMatch(/Mapped Misconfigured: property temperature is not in/);
  });
});

describe('a device', () => {
  it('shows in the cluster what it published, with its own timestamp', async () => {
    const ts = Date.now();
    await eventually('the first reading', async () => {
      await publish({ temperature: 21.5, ts });
      const yaml = await system.kubectl.run(['get', 'device', 'oven', '-o', 'yaml']);
      return /value: ["']?21\.5/.test(yaml);
    });
    const device = await system.kubectl.json<Device>('get', 'device', 'oven');
    expect(reported(device, 'temperature')).toEqual({ value: '21.5', timestamp: String(ts) });
  });

  it('is told what kubectl patch desires', async () => {
    await using listener = await mosquittoSub(node.mqttPort, 'oven/set');
    await system.kubectl.run([
      'patch',
      'device',
      'oven',
      '--type=json',
      '-p',
      '[{"op":"replace","path":"/spec/properties/1/desired/value","value":"180"}]',
    ]);
    const heard = await listener.find(({ payload }) => payload.includes('180'));
    expect(JSON.parse(heard.payload)).toEqual({ setpoint: 180 });
    await publish({ setpoint: 180, ts: Date.now() });
    await until((device) => reported(device, 'setpoint')?.value === '180');
  });

  it('brings what it published while the hub was down, the newest last', async () => {
    const began = Date.now();
    await system.hub.end('SIGKILL');
    for (let i = 0; i < 50; i++) await publish({ temperature: 30 + i, ts: began + i });
    await system.hub.start();
    const device = await until((seen) => reported(seen, 'temperature')?.value === '79');
    expect(reported(device, 'temperature')?.timestamp).toBe(String(began + 49));
  });

  it('never shows an older reading after a newer one', async () => {
    const counted = (): Promise<ReadonlyMap<string, number>> =>
      samplesOf(node.metricsPort, 'skerry_edge_device_readings_total', 'outcome');
    const before = await counted();
    const began = Date.now();
    const seen: number[] = [];
    const stop = new AbortController();
    const watching = (async () => {
      while (!stop.signal.aborted) {
        const value = reported(
          await system.kubectl.json<Device>('get', 'device', 'oven'),
          'temperature',
        )?.value;
        if (value !== undefined) seen.push(Number(value));
      }
    })();
    for (let i = 0; i < 100; i++) await publish({ temperature: 100 + i, ts: began + i });
    await publish({ temperature: 1, ts: began - 1_000 }); // late
    await until((device) => reported(device, 'temperature')?.value === '199');
    stop.abort();
    await watching;
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    const after = await counted();
    const more = (outcome: string): number =>
      (after.get(outcome) ?? 0) - (before.get(outcome) ?? 0);
    expect(['changed', 'unchanged', 'late'].map(more)).toEqual([100, 0, 1]); // each message is counted
  });

  it('answers programs at the edge on its twin topics', async () => {
    const topic = '$hw/events/device/default/oven/twin/get';
    await using listener = await mosquittoSub(node.mqttPort, `${topic}/result`);
    await mosquittoPub(
      node.mqttPort,
      topic,
      JSON.stringify({ event_id: 'e1', timestamp: Date.now() }),
    );
    const { payload } = await listener.next();
    expect(JSON.parse(payload)).toMatchObject({
      event_id: 'e1',
      twin: { temperature: { actual: { value: '199' } } },
    });
  });

  it('takes a value desired at the edge into its spec, and tells whose did not stand', async () => {
    const topic = '$hw/events/device/oven/twin/update';
    await using listener = await mosquittoSub(node.mqttPort, `${topic}/result`);
    const desire = async (value: string): Promise<unknown> => {
      const twin = { setpoint: { expected: { value } } };
      await mosquittoPub(node.mqttPort, topic, JSON.stringify({ event_id: value, twin }));
      return JSON.parse((await listener.find(({ payload }) => payload.includes(value))).payload);
    };
    const desired = ({ spec }: Device): string | undefined =>
      spec?.properties.find(({ name }) => name === 'setpoint')?.desired?.value;
    expect(await desire('210')).toMatchObject({ code: 0 });
    await until((device) => desired(device) === '210');
    expect(await desire('301')).toMatchObject({ code: 400 });
    await system.hub.end('SIGKILL'); // cut off: both sides write
    expect(await desire('220')).toMatchObject({ code: 0 });
    await node.daemon.end('SIGKILL');
    await system.hub.start();
    const patch = '[{"op":"replace","path":"/spec/properties/1/desired/value","value":"230"}]';
    await system.kubectl.run(['patch', 'device', 'oven', '--type=json', '-p', patch]);
    await node.daemon.start();
    await eventually('the Event', async () => {
      const events = await system.kubectl.run(['get', 'events']);
      return /DesiredValueLost.*220, written at the edge/.test(events);
    });
    expect(desired(await system.kubectl.json<Device>('get', 'device', 'oven'))).toBe('230');
  });

  it('is read, written and looked back upon at its node with skerry device', async () => {
    await answers();
    const began = Date.now();
    for (let i = 0; i < 3; i++) await publish({ temperature: 50 + i, ts: began + i });
    const skerry = (...words: string[]): Promise<string> =>
      runSkerry(['device', ...words, '--mqtt', `mqtt://127.0.0.1:${node.mqttPort}`]);
    expect(await skerry('get', 'oven')).toMatch(/temperature +float +52 /);
    const past = JSON.parse(
      await skerry('history', 'default/oven', 'temperature', '--since', '1h', '-o', 'json'),
    ) as { value: string; timestamp: number }[];
    expect(past.slice(-3)).toEqual(
      [0, 1, 2].map((i) => ({ value: String(50 + i), timestamp: began + i })),
    );
    expect(await skerry('history', 'oven', 'temperature', '-o', 'plot')).toContain('┤');
    expect(await skerry('history', 'oven', 'temperature', '--limit', '1')).toMatch(/Z +52$/m);
    await expect(skerry('get', 'ghost')).rejects.toThrow(/no device default\/ghost on this node/);
    await skerry('set', 'oven', 'setpoint', '111');
    await until(({ spec }) => spec?.properties[1]?.desired?.value === '111');
  });

  it('is looked back upon through the hub, by whom the API server lets', async () => {
    const kubeconfig = ['--kubeconfig', system.kubectl.kubeconfig];
    const history = (...words: string[]): Promise<string> =>
      runSkerry(['device', 'history', 'oven', ...words]);
    const past = JSON.parse(await history('temperature', '-o', 'json', ...kubeconfig)) as object[];
    expect(past.slice(-3)).toMatchObject([{ value: '50' }, { value: '51' }, { value: '52' }]);
    expect(await history('temperature', '-o', 'plot', ...kubeconfig)).toContain('┤');
    expect(await history('temperature', '--limit', '1', ...kubeconfig)).toMatch(/Z +52$/m);
    await expect(
      runSkerry(['device', 'history', 'ghost', 'temperature', ...kubeconfig]),
    ).rejects.toThrow(/devices\.kubeedge\.io "ghost" not found/);
    await system.kubectl.run(['create', 'serviceaccount', 'reader']);
    const token = (await system.kubectl.run(['create', 'token', 'reader'])).trim();
    const reader = ['--kubeconfig', await system.bearerKubeconfig(token)];
    const asReader = (): Promise<string> =>
      history('temperature', '--limit', '1', '--hub', new URL(system.edgesUrl).host, ...reader);
    await expect(asReader()).rejects.toThrow(
      /serviceaccount:default:reader" cannot get resource "devices\/history"/,
    );
    const role = 'skerry-device-reader';
    await system.kubectl.run([
      'apply',
      '-f',
      join(project, 'deploy', 'rbac', 'device-reader.yaml'),
    ]);
    const account = '--serviceaccount=default:reader';
    await system.kubectl.run(['create', 'rolebinding', role, `--clusterrole=${role}`, account]);
    expect(await asReader()).toMatch(/Z +52$/m);
    const nobody = ['--kubeconfig', await system.bearerKubeconfig(`${token}x`)];
    const address = ['--hub', new URL(system.edgesUrl).host];
    await expect(history('temperature', ...address, ...nobody)).rejects.toThrow(/Unauthorized/);
  });

  it('cannot be looked back upon from afar while its node is cut off, and says so', async () => {
    await node.daemon.end('SIGKILL');
    await eventually('the session ends', async () => {
      const sync = await system.kubectl.json<Sync>('get', 'nodesync', node.name);
      return sync.status?.connected === false;
    });
    const words = ['history', 'oven', 'temperature', '--kubeconfig', system.kubectl.kubeconfig];
    await expect(runSkerry(['device', ...words])).rejects.toThrow(
      new RegExp(`node ${node.name} is not connected.*at the node itself`),
    );
    await node.daemon.start();
  });

  it('turns stale when its node dies, and online again when it is back', async () => {
    await answers();
    await publish({ temperature: 7, ts: Date.now() });
    await until(({ status }) => status?.state === 'online');
    await node.daemon.end('SIGKILL');
    const { status } = await until((device) => device.status?.state === 'stale');
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Online', status: 'Unknown', reason: 'NodeSilent' }),
    );
    await node.daemon.start();
    await until((device) => device.status?.state === 'online');
  });
});
