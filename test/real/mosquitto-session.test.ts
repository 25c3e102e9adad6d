import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MqttBus, type MqttSettings } from '@skerry/edgecore/devices/mqtt-bus';
import { systemClock, systemRandom } from '@skerry/shared/clock';
import { EdgeError } from '@skerry/shared/errors';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestPki } from '../support/certificates.ts';
import { eventually } from '../support/eventually.ts';
import { mosquittoPub, startMosquitto, type Mosquitto } from '../support/mosquitto.ts';

/** As a full disk fails. */
class DiskFull extends EdgeError {
  readonly code = 'test.disk-full';
  readonly disposition = 'retry';
}

interface Life {
  readonly heard: string[];
  end(): Promise<void>;
}

let parts: AsyncDisposableStack;
beforeEach(() => {
  parts = new AsyncDisposableStack();
});
afterEach(() => parts.disposeAsync());

/** An agent that lives for a while: what it could deal with it remembers. */
async function live(
  settings: MqttSettings,
  takes: (text: string) => boolean = () => true,
): Promise<Life> {
  const bus = new MqttBus({
    settings,
    clientId: 'skerry-edge-1',
    ...{ clock: systemClock, random: systemRandom, log: silentLog, metrics: noMetrics },
  });
  const heard: string[] = [];
  bus.subscribe(
    'reading',
    ({ payload }) => {
      const text = Buffer.from(payload).toString();
      if (!takes(text)) return Promise.reject(new DiskFull('on purpose'));
      heard.push(text);
      return Promise.resolve();
    },
    2,
  );
  const stop = new AbortController();
  const running = bus.run(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  parts.defer(end);
  await eventually('a broker', () => bus.publish('there', '').then(() => true));
  return { heard, end };
}

describe.each(['3.1.1', '5'] as const)('a session with Mosquitto over MQTT %s', (version) => {
  it('brings what was published while the agent was away, in order', async () => {
    const broker = parts.use(await startMosquitto());
    const settings = { url: broker.url, version };
    await (await live(settings)).end();
    const sent = ['1', '2', '3', '4', '5'];
    for (const text of sent) await mosquittoPub(broker.port, 'reading', text);
    const { heard } = await live(settings);
    await eventually('everything', () => heard.length >= sent.length);
    expect(heard).toEqual(sent);
  });

  it.each(['1', '2'])(
    'brings again what could not be dealt with, sent with QoS %s',
    async (qos) => {
      const broker = parts.use(await startMosquitto());
      let refusals = 2;
      const takes = (text: string): boolean => text !== '2' || refusals-- <= 0;
      const { heard } = await live({ url: broker.url, version }, takes);
      for (const text of ['1', '2', '3'])
        await mosquittoPub(broker.port, 'reading', text, ['-q', qos]);
      await eventually('everything', () => ['1', '2', '3'].every((text) => heard.includes(text)));
      expect(refusals).toBeLessThan(0);
    },
  );

  it('brings nothing of the time away where a clean one was asked for', async () => {
    const broker = parts.use(await startMosquitto());
    const settings = { url: broker.url, version, session: 'clean' } as const;
    await (await live(settings)).end();
    await mosquittoPub(broker.port, 'reading', 'lost');
    const { heard } = await live(settings);
    await mosquittoPub(broker.port, 'reading', 'new');
    await eventually('the new one', () => heard.includes('new'));
    expect(heard).toEqual(['new']);
  });
});

describe('a broker with TLS and passwords', () => {
  async function guarded(): Promise<{ broker: Mosquitto; ca: string }> {
    const directory = await mkdtemp(join(tmpdir(), 'skerry-guarded-'));
    parts.defer(() => rm(directory, { recursive: true, force: true }));
    const pki = await TestPki.make(directory);
    const { cert, key } = await pki.hub();
    const passwords = join(directory, 'passwords');
    await writeFile(passwords, '');
    const run = promisify(execFile);
    await run('mosquitto_passwd', ['-b', passwords, 'edge', 'secret']);
    const settings = [
      `allow_anonymous false`,
      `password_file ${passwords}`,
      `certfile ${cert}`,
      `keyfile ${key}`,
      `user root`,
    ];
    return {
      broker: parts.use(await startMosquitto(settings)),
      ca: await readFile(pki.ca.cert, 'utf8'),
    };
  }

  it('takes the agent in with both, and not without', async () => {
    const { broker, ca } = await guarded();
    const url = `mqtts://localhost:${broker.port}`;
    const { heard } = await live({ url, ca, username: 'edge', password: 'secret' });
    expect(heard).toEqual([]);
    for (const settings of [
      { url, ca, username: 'edge', password: 'wrong' },
      { url, username: 'edge', password: 'secret' }, // whom to trust is not told
    ]) {
      const warned = Promise.withResolvers<string>();
      const warn = (fields: object): void => warned.resolve((fields as { why: string }).why);
      const bus = new MqttBus({
        settings,
        clientId: 'skerry-edge-2',
        ...{ clock: systemClock, random: systemRandom, metrics: noMetrics },
        log: { ...silentLog, warn },
      });
      const stop = new AbortController();
      const running = bus.run(stop.signal);
      expect(await warned.promise).toMatch(/[Nn]ot authorized|certificate/);
      stop.abort();
      await running;
    }
  });
});
