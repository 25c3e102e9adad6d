import { EmbeddedBus } from '@skerry/edgecore/devices/embedded-bus';
import { MqttBus, type MqttSettings } from '@skerry/edgecore/devices/mqtt-bus';
import type { RunningBus } from '@skerry/edgecore/devices/bus';
import { mqttProtocol } from '@skerry/edgecore/devices/protocols/mqtt';
import { describeProtocol, type Peer } from '@skerry/edgecore/devices/testing/protocol-contract';
import { systemClock, systemRandom } from '@skerry/shared/clock';
import { silentLog } from '@skerry/shared/log';
import { noMetrics } from '@skerry/shared/metrics';
import { eventually } from '../support/eventually.ts';
import { startMosquitto } from '../support/mosquitto.ts';

const parts = { clock: systemClock, random: systemRandom, log: silentLog, metrics: noMetrics };
const device = { topic: 'tank/level' };

/** A tank behind a broker: it says what it holds, and takes a setpoint. */
async function tank(bus: RunningBus, broker?: AsyncDisposable): Promise<Peer> {
  const stop = new AbortController();
  const running = bus.run(stop.signal);
  let setpoint = '';
  bus.subscribe('tank/set', ({ payload }) => {
    setpoint = Buffer.from(payload).toString();
    return Promise.resolve();
  });
  await eventually('a broker', () => bus.publish('there', '').then(() => true));
  return {
    protocol: mqttProtocol({
      bus,
      log: silentLog,
      refused: noMetrics.counter('refused_total', ''),
    }),
    visitors: {
      level: { ...device, jsonPath: '$.level' },
      setpoint: { ...device, jsonPath: '$.setpoint', setTopic: 'tank/set' },
    },
    speak: () => bus.publish(device.topic, JSON.stringify({ level: 7, setpoint })),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
      await broker?.[Symbol.asyncDispose]();
    },
  };
}

async function mosquitto(settings: Omit<MqttSettings, 'url'> = {}): Promise<Peer> {
  const broker = await startMosquitto();
  const bus = new MqttBus({
    settings: { url: broker.url, ...settings },
    clientId: 'skerry-test',
    ...parts,
  });
  return tank(bus, broker);
}

describeProtocol('MQTT and the broker of this process', () =>
  tank(new EmbeddedBus({ host: '127.0.0.1', port: 0, ...parts })),
);
describeProtocol('MQTT 3.1.1 and Mosquitto', () => mosquitto());
describeProtocol('MQTT 5 and Mosquitto', () => mosquitto({ version: '5' }));
