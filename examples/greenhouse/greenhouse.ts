#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setInterval } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from 'mqtt';
import { grow, reading, told, type Bed } from './bed.ts';

const usage = `A greenhouse: two beds that are watered over MQTT, beside a virtual climate.

Usage: node greenhouse.ts [options]

  --url URL       the broker of the node (default mqtt://127.0.0.1:1883)
  --no-apply      do not kubectl apply greenhouse.yaml first
  --help
`;

const beds: Readonly<Record<string, Bed>> = {
  tomatoes: { moisture: 38, target: 40, valve: false },
  herbs: { moisture: 30, target: 20, valve: false },
};

/** One bed, with a connection and a last will of its own; until the signal aborts. */
async function tend(name: string, url: string, signal: AbortSignal): Promise<void> {
  let bed = beds[name] as Bed;
  const available = `greenhouse/${name}/available`;
  const gone = Buffer.from('offline');
  const will = { topic: available, payload: gone, qos: 1, retain: true } as const;
  const client = connect(url, { clientId: `bed-${name}`, reconnectPeriod: 500, will });
  const tell = (): void => {
    if (client.connected)
      client.publish(`greenhouse/${name}`, reading(bed, Date.now()), { qos: 1 });
  };
  client.on('connect', () => {
    say(`bed ${name}: connected to ${url}`);
    client.publish(available, 'online', { qos: 1, retain: true });
  });
  client.on('error', (error) => say(`bed ${name}: ${error.message}`)); // it goes on trying
  client.on('message', (_topic, payload) => {
    const asked = payload.toString('utf8');
    const changed = told(bed, asked);
    bed = changed ?? bed;
    say(changed ? `bed ${name}: to be kept at ${bed.target} %` : `not understood: ${asked}`);
    tell();
  });
  client.subscribe(`greenhouse/${name}/set`, { qos: 1 });
  try {
    for await (const _ of setInterval(1_000, undefined, { signal })) {
      const { valve } = bed;
      bed = grow(bed, 1);
      if (bed.valve !== valve) say(`bed ${name}: water ${bed.valve ? 'on' : 'off'}`);
      tell();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (client.connected) await client.publishAsync(available, gone, { qos: 1, retain: true });
    await client.endAsync(!client.connected);
  }
}

async function apply(): Promise<void> {
  const manifest = join(import.meta.dirname, 'greenhouse.yaml');
  const kubectl = spawn('kubectl', ['apply', '-f', manifest], { stdio: 'inherit' });
  const [code] = (await once(kubectl, 'exit')) as [number | null];
  if (code !== 0) throw new Error('kubectl apply failed; is KUBECONFIG set?');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      url: { type: 'string', default: 'mqtt://127.0.0.1:1883' },
      apply: { type: 'boolean', default: true },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(usage);
    return;
  }
  const ended = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => ended.abort());
  if (values.apply) await apply();
  await Promise.all(Object.keys(beds).map((name) => tend(name, values.url, ended.signal)));
}

main().catch((error: unknown) => {
  process.stderr.write(`greenhouse: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
