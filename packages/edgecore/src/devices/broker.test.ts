import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import { Misconfiguration } from '@skerry/shared/errors';
import { silentLog } from '@skerry/shared/log';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { maxPacketBytes, openBroker, type Broker } from './broker.ts';

let parts: AsyncDisposableStack;
let broker: Broker;

beforeEach(async () => {
  parts = new AsyncDisposableStack();
  broker = parts.use(await openBroker({ host: '127.0.0.1', port: 0, log: silentLog }));
});

afterEach(() => parts.disposeAsync());

async function client(clientId: string, options: object = {}): Promise<MqttClient> {
  const url = `mqtt://127.0.0.1:${broker.port}`;
  const connected = await connectAsync(url, { clientId, reconnectPeriod: 0, ...options });
  parts.defer(() => connected.endAsync(true));
  return connected;
}

async function raw(): Promise<Socket> {
  const socket = dial(broker.port, '127.0.0.1');
  parts.defer(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** CONNECT of MQTT 3.1.1 for a clean session of client `x` [MQTT-3.1]. */
const connectPacket = Buffer.from('100d00044d5154540402003c000178', 'hex');

describe('embedded broker', () => {
  it('says who holds its port', async () => {
    const taken = { host: '127.0.0.1', port: broker.port, log: silentLog };
    await expect(openBroker(taken)).rejects.toThrow(
      new Misconfiguration(`MQTT address 127.0.0.1:${broker.port} is in use`),
    );
  });

  it('ends, its clients with it', async () => {
    const socket = await raw();
    const closed = once(socket, 'close');
    await broker[Symbol.asyncDispose]();
    await closed;
  });

  it('hands every message on once, whatever its quality of service', async () => {
    const listener = await client('listener');
    const speaker = await client('speaker');
    const heard: string[] = [];
    const ended = Promise.withResolvers<undefined>();
    listener.on('message', (_topic, payload) => {
      heard.push(payload.toString('utf8'));
      if (heard.at(-1) === 'end') ended.resolve(undefined);
    });
    await listener.subscribeAsync('a', { qos: 2 });
    for (const qos of [0, 1, 2] as const)
      await speaker.publishAsync('a', `with QoS ${qos}`, { qos });
    await speaker.publishAsync('a', 'end', { qos: 1 });
    await ended.promise;
    expect(heard).toEqual(['with QoS 0', 'with QoS 1', 'with QoS 2', 'end']);
  });

  it('tells a client that its message arrived only when it has been taken', async () => {
    const taken = Promise.withResolvers<undefined>();
    const asked = Promise.withResolvers<undefined>();
    const own = parts.use(
      await openBroker({
        host: '127.0.0.1',
        port: 0,
        log: silentLog,
        take: ({ topic }) => {
          if (topic !== 'slow') return Promise.resolve();
          asked.resolve(undefined);
          return taken.promise;
        },
      }),
    );
    const speaker = await connectAsync(`mqtt://127.0.0.1:${own.port}`, { reconnectPeriod: 0 });
    parts.defer(() => speaker.endAsync(true));
    let arrived = false;
    const told = speaker.publishAsync('slow', 'x', { qos: 1 }).then(() => (arrived = true));
    await asked.promise;
    await speaker.publishAsync('other', 'x', { qos: 2 }); // answered behind it, all the same
    expect(arrived).toBe(false);
    taken.resolve(undefined);
    await told;
  });

  it('sends a client away whose message could not be taken, so that it comes again', async () => {
    let refusals = 1;
    const own = parts.use(
      await openBroker({
        host: '127.0.0.1',
        port: 0,
        log: silentLog,
        take: () => (refusals-- > 0 ? Promise.reject(new Error('disk full')) : Promise.resolve()),
      }),
    );
    const speaker = await connectAsync(`mqtt://127.0.0.1:${own.port}`, { reconnectPeriod: 10 });
    parts.defer(() => speaker.endAsync(true));
    const lost = new Promise<void>((resolve) => speaker.once('close', () => resolve()));
    const told = speaker.publishAsync('a', 'x', { qos: 1 });
    await lost;
    await told; // sent again on the next connection
  });

  it('knows whether anybody listens, by their filters, as long as they do', async () => {
    expect(broker.isHeard('a/b')).toBe(false);
    const first = await client('first');
    const second = await client('second');
    await first.subscribeAsync('a/+');
    await second.subscribeAsync('a/b');
    expect([broker.isHeard('a/b'), broker.isHeard('a/c'), broker.isHeard('b')]).toEqual([
      true,
      true,
      false,
    ]);
    await first.unsubscribeAsync('a/+');
    expect([broker.isHeard('a/b'), broker.isHeard('a/c')]).toEqual([true, false]);
    await second.endAsync();
    await expect.poll(() => broker.isHeard('a/b')).toBe(false);
  });

  it('publishes a QoS 1 will once', async () => {
    const listener = await client('listener');
    const heard: string[] = [];
    const second = Promise.withResolvers<undefined>();
    listener.on('message', (topic, payload) => {
      heard.push(payload.toString('utf8'));
      if (topic === 'end') second.resolve(undefined);
    });
    await listener.subscribeAsync(['will', 'end'], { qos: 1 });
    const will = { topic: 'will', payload: Buffer.from('gone'), qos: 1 as const, retain: false };
    const dying = await client('dying', { will });
    const gone = new Promise<void>((resolve) => listener.once('message', () => resolve()));
    dying.stream.destroy();
    await gone;
    await listener.publishAsync('end', 'end', { qos: 1 });
    await second.promise;
    expect(heard).toEqual(['gone', 'end']);
  });

  it('ends the connection of a client whose packet is too large, and no other', async () => {
    const other = await client('other');
    const socket = await raw();
    socket.write(connectPacket);
    await once(socket, 'data');
    const closed = once(socket, 'close');
    const length = maxPacketBytes + 1;
    const header = [0x30, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
    socket.write(Uint8Array.from(header));
    await closed;
    await other.publishAsync('a', 'x', { qos: 1 });
  });

  it('survives bytes that are not MQTT', async () => {
    const socket = await raw();
    const closed = once(socket, 'close');
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await closed;
    const other = await client('other');
    await other.publishAsync('a', 'x', { qos: 1 });
  });

  it('keeps no session for a client that asks for one, and says so', async () => {
    const first = await client('stays', { clean: false });
    await first.subscribeAsync('a', { qos: 1 });
    await first.endAsync(true);
    const again = dial(broker.port, '127.0.0.1');
    parts.defer(() => void again.destroy());
    again.write(Buffer.from('100d00044d5154540400003c000178', 'hex')); // clean session: 0
    const [connack] = (await once(again, 'data')) as [Buffer];
    expect([...connack]).toEqual([0x20, 2, 0, 0]); // session present: 0, accepted
  });
});
