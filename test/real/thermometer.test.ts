import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openBroker } from '@skerry/edgecore/devices/broker';
import { silentLog } from '@skerry/shared/log';
import { describe, expect, it } from 'vitest';
import { reading, set, step, type Room } from '../../examples/thermometer/room.ts';
import { mosquittoPub, mosquittoSub } from '../support/mosquitto.ts';

const program = fileURLToPath(
  new URL('../../examples/thermometer/thermometer.ts', import.meta.url),
);

interface Reading {
  readonly temperature: number;
  readonly setpoint: number;
  readonly ts: number;
}

interface Run {
  readonly exited: Promise<[code: number | null, signal: string | null]>;
  /** Resolves when it has said something. */
  readonly said: Promise<unknown>;
  kill(signal: NodeJS.Signals): void;
}

function run(args: readonly string[]): Run {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return {
    exited: once(child, 'exit') as Run['exited'],
    said: once(child.stdout, 'data'),
    kill: (signal) => void child.kill(signal),
  };
}

describe('the room', () => {
  it('comes to its setpoint and stays there, whatever the weather', () => {
    for (const outside of [-20, 8, 35]) {
      let room: Room = { temperature: 18, setpoint: 25, outside };
      for (let second = 0; second < 120; second++) room = step(room, 1, second % 2 ? 1 : -1);
      expect(Math.abs(room.temperature - 25)).toBeLessThan(1);
    }
  });

  it('takes a setpoint and nothing else', () => {
    const room: Room = { temperature: 18, setpoint: 20, outside: 8 };
    expect(set(room, '{"setpoint":25}')?.setpoint).toBe(25);
    for (const nonsense of ['', '25', 'null', '{"setpoint":"25"}', '{"setpoint":1000}'])
      expect(set(room, nonsense)).toBeUndefined();
    expect(reading({ ...room, temperature: 21.44 }, 5)).toBe(
      '{"temperature":21.4,"setpoint":20,"ts":5}',
    );
  });
});

describe('the thermometer', () => {
  it('waits for a broker, reports, obeys, survives the broker’s loss and ends when told', async () => {
    await using parts = new AsyncDisposableStack();
    const first = await openBroker({ host: '127.0.0.1', port: 0, log: silentLog });
    const { port } = first;
    await first[Symbol.asyncDispose]();
    const thermometer = run([
      '--url',
      `mqtt://127.0.0.1:${port}`,
      '--name',
      'cellar',
      '--interval',
      '0.1',
    ]);
    parts.defer(() => thermometer.kill('SIGKILL'));
    const readings = async (): Promise<void> => {
      await using broker = await openBroker({ host: '127.0.0.1', port, log: silentLog });
      await using heard = await mosquittoSub(broker.port, 'cellar/reading');
      const latest = (payload: string): Reading => JSON.parse(payload) as Reading;
      const { payload } = await heard.next();
      expect(latest(payload).ts).toBeGreaterThan(Date.UTC(2020, 0));
      const wanted = latest(payload).setpoint + 5;
      await mosquittoPub(port, 'cellar/set', JSON.stringify({ setpoint: wanted }));
      const obeyed = await heard.find((one) => latest(one.payload).setpoint === wanted);
      const warmer = await heard.find(
        (one) => latest(one.payload).temperature > latest(obeyed.payload).temperature + 0.5,
      );
      expect(latest(warmer.payload).setpoint).toBe(wanted);
    };
    await readings();
    await readings(); // the broker has gone and come back
    thermometer.kill('SIGTERM');
    expect(await thermometer.exited).toEqual([0, null]);
  });

  it('ends when told although it never found a broker', async () => {
    const thermometer = run(['--url', 'mqtt://127.0.0.1:1']);
    await thermometer.said; // that nobody is there
    thermometer.kill('SIGTERM');
    expect(await thermometer.exited).toEqual([0, null]);
  });

  it('refuses options that it does not know', async () => {
    expect(await run(['--colour', 'red']).exited).toEqual([1, null]);
  });
});
