import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { ManualClock, settle } from '@skerry/shared/testing/manual-clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { deviceId, type DeviceId } from './device-id.ts';
import { mqttProtocol } from './protocols/mqtt.ts';
import { Roster } from './roster.ts';
import { madeDescription, thermo, unseen, type Made } from './testing/devices.ts';
import { MemoryBus } from './testing/memory-bus.ts';

let bus: MemoryBus;
let roster: Roster;
let heard: string[];

beforeEach(() => {
  bus = new MemoryBus();
  heard = [];
  const refused = noMetrics.counter('refused_total', '');
  roster = new Roster({
    protocols: [mqttProtocol({ bus, log: silentLog, refused })],
    sinkOf: (device) => (arrival) => {
      for (const { property, value } of arrival.readings)
        heard.push(`${device} ${property}=${value}`);
      return Promise.resolve();
    },
    clock: new ManualClock(),
    random: () => 0.5,
    log: silentLog,
  });
});

async function serve(made: Made = {}, id: DeviceId = thermo): Promise<void> {
  await roster.serve({ ...madeDescription(made), id }, unseen);
  await settle();
}

async function publish(topic: string, payload: string): Promise<void> {
  await bus.publish(topic, payload);
  await bus.settled();
}

describe('roster', () => {
  it('maps a device it can serve, and hands on all its readings at once', async () => {
    await serve();
    expect(roster.get(thermo)?.condition).toMatchObject({ status: 'True', reason: 'MapperRuns' });
    await publish('reading', '21');
    expect(heard).toEqual(['default/thermo temperature=21', 'default/thermo setpoint=21']);
  });

  it('follows a device to another topic', async () => {
    await serve();
    await serve({ generation: 2, visitor: { topic: 'elsewhere' } });
    await publish('reading', '1');
    await publish('elsewhere', '2');
    expect(heard).toEqual(['default/thermo temperature=2', 'default/thermo setpoint=2']);
  });

  it('leaves a mapper alone while only wishes change', async () => {
    await serve();
    const before = roster.get(thermo)?.mapper;
    await serve({ generation: 2, desired: { setpoint: '25' } });
    expect(roster.get(thermo)?.mapper).toBe(before);
    expect(roster.get(thermo)?.condition.observedGeneration).toBe(2);
  });

  it('says why it cannot serve a device', async () => {
    const reasonOf = async (made: Made): Promise<string | undefined> => {
      await serve(made);
      expect(roster.get(thermo)?.mapper).toBeUndefined();
      return roster.get(thermo)?.condition.reason;
    };
    expect(await reasonOf({ protocolName: 'modbus' })).toBe('ProtocolUnsupported');
    expect(await reasonOf({ protocolName: '' })).toBe('ProtocolMissing');
    expect(await reasonOf({ visitor: {} })).toBe('Misconfigured');
    expect(await reasonOf({ spec: { properties: [{ name: 'x' }] } })).toBe('Misconfigured');
    await serve();
    expect(roster.get(thermo)?.condition.reason).toBe('MapperRuns');
  });

  it('knows which devices use a model', async () => {
    await serve();
    await serve({}, deviceId('other', 'thermo'));
    expect(roster.devicesOf('default', 'thermometer')).toEqual([thermo]);
    expect(roster.devicesOf('default', 'other')).toEqual([]);
  });

  it('ends every mapper with its signal', async () => {
    await serve();
    const stop = new AbortController();
    const running = roster.run(stop.signal);
    stop.abort();
    await running;
    await publish('reading', '21');
    expect(heard).toEqual([]);
    expect(roster.get(thermo)).toBeUndefined();
  });
});
