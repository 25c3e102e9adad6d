import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deviceId } from '../device-id.ts';
import type { Arrival } from '../device-twin.ts';
import {
  DeviceMisconfigured,
  NotWritable,
  type DeviceConnection,
  type MappedDevice,
  type Protocol,
} from '../mapper.ts';

/** A protocol with a device on the other side of it. */
export interface Peer extends AsyncDisposable {
  readonly protocol: Protocol;
  /** `visitors.configData` of `level` (INT, read only) and `setpoint` (INT, writable). */
  readonly visitors: { readonly level: object; readonly setpoint: object };
  /** Has the device say that its level is 7, and whatever it was told for a setpoint. */
  speak(): Promise<void>;
}

/** What every protocol promises, whatever it speaks. */
export function describeProtocol(name: string, open: () => Promise<Peer>): void {
  describe(`devices over ${name}`, () => {
    let peer: Peer;
    let stop: AbortController;
    let connection: DeviceConnection;
    let arrivals: Arrival[];
    let subscribed: Promise<void>;

    const device = (level: object): MappedDevice => ({
      id: deviceId('default', 'tank'),
      config: {},
      properties: [
        { name: 'level', type: 'INT', writable: false, collectCycleMs: 20, visitor: { ...level } },
        {
          name: 'setpoint',
          type: 'INT',
          writable: true,
          collectCycleMs: 20,
          visitor: { ...peer.visitors.setpoint },
        },
      ],
    });

    const connect = async (): Promise<void> => {
      stop = new AbortController();
      arrivals = [];
      connection = await peer.protocol.mapper(device(peer.visitors.level)).connect(stop.signal);
      subscribed = connection.subscribe((arrival) => {
        arrivals.push(arrival);
        return Promise.resolve();
      }, stop.signal);
    };

    const disconnect = async (): Promise<void> => {
      stop.abort(new DOMException('enough', 'AbortError'));
      await subscribed;
      await connection[Symbol.asyncDispose]();
    };

    beforeEach(async () => {
      peer = await open();
      await connect();
    });

    afterEach(async () => {
      await disconnect();
      await peer[Symbol.asyncDispose]();
    });

    const heard = async (property: string, value: string): Promise<void> => {
      const said = (): boolean =>
        arrivals.some(({ readings }) =>
          readings.some((one) => one.property === property && one.value === value),
        );
      await expect
        .poll(async () => said() || (await peer.speak(), said()), { timeout: 20_000 })
        .toBe(true);
    };

    it('hands on what the device says, with the time of its arrival', async () => {
      await heard('level', '7');
      expect(arrivals.every(({ receivedAt }) => receivedAt > Date.UTC(2020, 0))).toBe(true);
    });

    it('brings a value to the device, which confirms it by a reading', async () => {
      await connection.write('setpoint', '25', stop.signal);
      await heard('setpoint', '25');
    });

    it('writes nothing that is read only, or not there', async () => {
      for (const property of ['level', 'colour'])
        await expect(connection.write(property, '1', stop.signal)).rejects.toThrow(NotWritable);
    });

    it('ends with its signal, and can be connected again', async () => {
      await heard('level', '7');
      await disconnect();
      await connect();
      await heard('level', '7');
    });

    it('names what it does not understand of a device, before anything is reached', () => {
      const odd = { ...peer.visitors.level, misspelt: 1 };
      expect(() => peer.protocol.mapper(device(odd))).toThrow(DeviceMisconfigured);
      expect(() => peer.protocol.mapper(device(odd))).toThrow(/property level: .*misspelt/);
    });
  });
}
