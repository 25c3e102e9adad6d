import { openBroker } from '@skerry/edgecore/devices/broker';
import { BusUnavailable, type RunningBus } from '@skerry/edgecore/devices/bus';
import { EmbeddedBus } from '@skerry/edgecore/devices/embedded-bus';
import { MqttBus, type MqttSettings } from '@skerry/edgecore/devices/mqtt-bus';
import { describeBus, type OpenedBus } from '@skerry/edgecore/devices/testing/bus-contract';
import { systemClock, systemRandom } from '@skerry/shared/clock';
import { Misconfiguration } from '@skerry/shared/errors';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { describe, expect, it } from 'vitest';
import { startMosquitto } from '../support/mosquitto.ts';

interface AnyBroker extends AsyncDisposable {
  readonly port: number;
}

const embedded = (port = 0): Promise<AnyBroker> =>
  openBroker({ host: '127.0.0.1', port, log: silentLog });

const parts = { clock: systemClock, random: systemRandom, log: silentLog, metrics: noMetrics };

function busOf(url: string, settings: Omit<MqttSettings, 'url'> = {}): MqttBus {
  return new MqttBus({ settings: { url, ...settings }, clientId: 'skerry-test', ...parts });
}

/** Resolves when the bus has a broker. */
async function connected(bus: RunningBus): Promise<void> {
  for (;;) {
    try {
      await bus.publish('connected', '');
      return;
    } catch (error) {
      if (!(error instanceof BusUnavailable)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

async function openBus(
  start: () => Promise<AnyBroker>,
  settings: Omit<MqttSettings, 'url'> = {},
): Promise<OpenedBus> {
  const broker = await start();
  return running(busOf(`mqtt://127.0.0.1:${broker.port}`, settings), broker);
}

async function running(bus: RunningBus, broker?: AnyBroker): Promise<OpenedBus> {
  const stop = new AbortController();
  const ended = bus.run(stop.signal);
  await connected(bus);
  return {
    bus,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
      await broker?.[Symbol.asyncDispose]();
    },
  };
}

describeBus('the embedded broker', () => openBus(embedded));
describeBus('Mosquitto', () => openBus(startMosquitto));
describeBus('Mosquitto, MQTT 5', () => openBus(startMosquitto, { version: '5' }));
describeBus('the broker of this process', () =>
  running(new EmbeddedBus({ host: '127.0.0.1', port: 0, ...parts })),
);

describe('MQTT bus', () => {
  it('refuses a URL that is not one of a broker', () => {
    expect(() => busOf('http://127.0.0.1')).toThrow(Misconfiguration);
    expect(() => busOf('nowhere')).toThrow(Misconfiguration);
  });

  it('comes back to a broker that went away, with its subscriptions', async () => {
    await using opened = new AsyncDisposableStack();
    const first = await embedded();
    const bus = busOf(`mqtt://127.0.0.1:${first.port}`);
    const stop = new AbortController();
    const running = bus.run(stop.signal);
    opened.defer(async () => {
      stop.abort();
      await running;
    });
    await connected(bus);
    const heard: string[] = [];
    const arrival = Promise.withResolvers<undefined>();
    bus.subscribe('a/#', ({ payload }) => {
      heard.push(Buffer.from(payload).toString('utf8'));
      arrival.resolve(undefined);
      return Promise.resolve();
    });
    await first[Symbol.asyncDispose]();
    await expect
      .poll(() => bus.publish('a/b', 'lost').catch((e: unknown) => e))
      .toBeInstanceOf(BusUnavailable);
    opened.use(await embedded(first.port));
    await connected(bus);
    await bus.publish('a/b', 'found');
    await arrival.promise;
    expect(heard).toContain('found');
  });
});
