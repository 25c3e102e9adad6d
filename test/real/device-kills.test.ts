import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deviceId } from '@skerry/edgecore/devices/device-id';
import { History, defaultHistoryPolicy } from '@skerry/edgecore/devices/history';
import { TwinStore } from '@skerry/edgecore/devices/twin-store';
import { systemClock } from '@skerry/shared/clock';
import { openStore } from '@skerry/shared/store';
import { connect, type MqttClient } from 'mqtt';
import { expect, it } from 'vitest';
import { devices, topicOf } from '../support/device-room.ts';
import { eventually } from '../support/eventually.ts';
import { freePorts } from '../support/free-ports.ts';

const updates = 10_000;
/** `SKERRY_KILLS=200` for more of them. */
const kills = Number(process.env['SKERRY_KILLS'] ?? 20);
/** Updates under way at once. */
const atOnce = 300;
const program = join(import.meta.dirname, '..', 'support', 'device-room.ts');

/** The agent, started anew each time that it is killed. */
class Agent implements AsyncDisposable {
  readonly #args: readonly string[];
  #child: ChildProcess;

  constructor(directory: string, port: number) {
    this.#args = [program, directory, String(port)];
    this.#child = this.#start();
  }

  async kill(): Promise<void> {
    await this[Symbol.asyncDispose]();
    this.#child = this.#start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  #start(): ChildProcess {
    return spawn(process.execPath, this.#args, { stdio: ['ignore', 'ignore', 'inherit'] });
  }
}

/** Publishes every update and kills the agent in between; resolves when all are acknowledged. */
async function burst(client: MqttClient, agent: Agent): Promise<void> {
  const began = Date.now() - updates;
  let next = 0;
  let acknowledged = 0;
  let killed = 0;
  let killing: Promise<void> = Promise.resolve();
  const publishing = async (): Promise<void> => {
    for (let at = next++; at < updates; at = next++) {
      const payload = JSON.stringify({ value: at, ts: began + at });
      // a broker that has just come back may end a connection that is being made
      await eventually('a broker', () =>
        client.publishAsync(topicOf(at % devices), payload, { qos: 1 }).then(() => true),
      );
      acknowledged += 1;
      if (killed === kills || acknowledged < ((killed + 1) * updates) / (kills + 1)) continue;
      killed += 1;
      killing = killing.then(() => agent.kill());
    }
  };
  await Promise.all(Array.from({ length: atOnce }, publishing));
  await killing;
  expect(killed).toBe(kills);
}

it('an agent killed again and again in a burst has every last value, and goes back on none', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'skerry-kills-'));
  await using parts = new AsyncDisposableStack();
  parts.defer(() => rm(directory, { recursive: true, force: true }));
  const [port = 0] = await freePorts(1);
  {
    await using agent = new Agent(directory, port);
    const options = { clientId: 'meters', reconnectPeriod: 20, clean: false };
    const client = connect(`mqtt://127.0.0.1:${port}`, options);
    client.on('error', () => undefined); // nobody listens while the agent starts
    await burst(client, agent);
    await client.endAsync(true);
  }
  const store = parts.use(
    await openStore(join(directory, 'meta'), { whenCorrupt: 'fail', now: () => Date.now() }),
  );
  const twins = await TwinStore.open({ store, committed: () => undefined });
  const history = new History({ store, policy: defaultHistoryPolicy, clock: systemClock });
  for (let device = 0; device < devices; device++) {
    const id = deviceId('default', `meter-${device}`);
    const sent = Array.from({ length: updates / devices }, (_, i) => String(i * devices + device));
    const reported = twins.get(id)?.properties.get('value')?.reported;
    expect(reported?.value).toBe(sent.at(-1));
    // what came again after a kill is no further change: it is as old as what is held, or older
    expect(reported?.version.edge).toBeLessThanOrEqual(sent.length);
    const asked = { property: 'value', since: 0, until: Number.MAX_SAFE_INTEGER, limit: updates };
    const past = (await history.read(id, asked)).map(({ value }) => value);
    expect([...new Set(past)]).toEqual(sent); // each of them, in order; some arrived twice
  }
}, 300_000);
