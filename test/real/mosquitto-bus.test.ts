import { openBroker } from '@skerry/edgecore/devices/broker';
import { BusUnavailable } from '@skerry/edgecore/devices/bus';
import { MqttBus } from '@skerry/edgecore/devices/mqtt-bus';
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

function busOf(url: string): MqttBus {
  const parts = { clock: systemClock, random: systemRandom, log: silentLog, metrics: noMetrics };
  return new MqttBus({ settings: { url }, clientId: 'skerry-test', ...parts });
}

/** Resolves when the bus has a broker. */
async function connected(bus: MqttBus): Promise<void> {
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

async function openBus(start: () => Promise<AnyBroker>): Promise<OpenedBus> {
  const broker = await start();
  const bus = busOf(`mqtt://127.0.0.1:${broker.port}`);
  const stop = new AbortController();
  const running = bus.run(stop.signal);
  await connected(bus);
  return {
    bus,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
      await broker[Symbol.asyncDispose]();
    },
  };
}

describeBus('the embedded broker', () => openBus(embedded));
describeBus('Mosquitto', () => openBus(startMosquitto));

describe('MQTT bus', () => {
  it('refuses a URL that is not one of a broker', () => {
    expect(() => busOf('http://127.0.0.1')).toThrow(Misconfiguration);
    expect(() => busOf('nowhere')).toThrow(Misconfiguration);
  });

  it('comes back to a broker that went away, with its subscriptions', async () => {
    await using parts = new AsyncDisposableStack();
    const first = await embedded();
    const bus = busOf(`mqtt://127.0.0.1:${first.port}`);
    const stop = new AbortController();
    const running = bus.run(stop.signal);
    parts.defer(async () => {
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
    parts.use(await embedded(first.port));
    await connected(bus);
    await bus.publish('a/b', 'found');
    await arrival.promise;
    expect(heard).toContain('found');
  });
});
