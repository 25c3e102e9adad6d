#!/usr/bin/env node
import { setInterval } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect, type MqttClient } from 'mqtt';
import { reading, set, step, type Room } from './room.ts';

const usage = `A thermometer with a thermostat, as an MQTT device.

Usage: node thermometer.ts [options]

  --url URL            the broker (default mqtt://127.0.0.1:1883)
  --name NAME          client id and stem of the topics (default thermometer)
  --topic TOPIC        where readings go (default NAME/reading)
  --set-topic TOPIC    where the setpoint comes from (default NAME/set)
  --interval SECONDS   between two readings (default 1)
  --setpoint DEGREES   what the thermostat begins with (default 20)
  --help

Publishes {"temperature":21.4,"setpoint":20,"ts":1760000000000} and takes {"setpoint":25}.
`;

interface Settings {
  readonly url: string;
  readonly name: string;
  readonly topic: string;
  readonly setTopic: string;
  readonly intervalSeconds: number;
  readonly setpoint: number;
}

/** Undefined when only help was wanted; throws on options it does not know. */
function readSettings(args: string[]): Settings | undefined {
  const { values } = parseArgs({
    args,
    options: {
      url: { type: 'string', default: 'mqtt://127.0.0.1:1883' },
      name: { type: 'string', default: 'thermometer' },
      topic: { type: 'string' },
      'set-topic': { type: 'string' },
      interval: { type: 'string', default: '1' },
      setpoint: { type: 'string', default: '20' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const { url, name } = values;
  return {
    url,
    name,
    topic: values.topic ?? `${name}/reading`,
    setTopic: values['set-topic'] ?? `${name}/set`,
    intervalSeconds: number('interval', values.interval),
    setpoint: number('setpoint', values.setpoint),
  };
}

function number(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new Error(`--${option}: not a number`);
  return value;
}

/** Lives until the signal aborts, with or without a broker. */
async function run(settings: Settings, signal: AbortSignal): Promise<void> {
  const { topic, intervalSeconds } = settings;
  const client = dial(settings);
  let room: Room = { temperature: 18, setpoint: settings.setpoint, outside: 8 };
  const tell = (): void => {
    // without a broker a reading is only old news by the time it could leave
    if (client.connected) client.publish(topic, reading(room, Date.now()), { qos: 1 });
  };
  client.on('message', (_topic, payload) => {
    const asked = payload.toString('utf8');
    const changed = set(room, asked);
    room = changed ?? room;
    say(changed ? `thermostat set to ${room.setpoint} °C` : `not understood: ${asked}`);
    tell();
  });
  try {
    for await (const _ of setInterval(intervalSeconds * 1_000, undefined, { signal })) {
      room = step(room, intervalSeconds, Math.random() * 2 - 1);
      tell();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await client.endAsync(!client.connected);
  }
}

/** A client that connects for as long as it takes, and again whenever the connection is lost. */
function dial({ url, name, setTopic }: Settings): MqttClient {
  const client = connect(url, { clientId: name, reconnectPeriod: 500, resubscribe: false });
  client.on('connect', () => {
    say(`connected to ${url} as ${name}`);
    client.subscribe(setTopic, { qos: 1 });
  });
  client.on('offline', () => say(`no broker at ${url}`));
  client.on('error', (error) => say(error.message)); // it goes on trying
  return client;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const ended = new AbortController();
  process.once('SIGTERM', () => ended.abort());
  process.once('SIGINT', () => ended.abort());
  const settings = readSettings(process.argv.slice(2));
  if (settings) await run(settings, ended.signal);
  else say(usage);
}

main().catch((error: unknown) => {
  process.stderr.write(`thermometer: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
