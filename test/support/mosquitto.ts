import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from './free-ports.ts';

export interface Mosquitto extends AsyncDisposable {
  /** `mqtt://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  /** Ends it, so that it keeps what its `settings` have it keep, and starts it again. */
  restart(): Promise<void>;
}

const startAttempts = 5;
const startTimeoutMs = 10_000;

/**
 * A Mosquitto of its own on a free port, with no persistence unless it is asked for; gone without a trace when disposed of.
 * `settings` are lines of its configuration; without any, it takes everybody in.
 */
export async function startMosquitto(
  settings: readonly string[] = ['allow_anonymous true'],
): Promise<Mosquitto> {
  for (let attempt = 1; ; attempt++) {
    const [port = 0] = await freePorts(1);
    try {
      return await tryStart(port, settings);
    } catch (error) {
      if (attempt === startAttempts) throw error; // somebody else may have taken the port meanwhile
    }
  }
}

async function tryStart(port: number, settings: readonly string[]): Promise<Mosquitto> {
  const directory = await mkdtemp(join(tmpdir(), 'skerry-mosquitto-'));
  const config = join(directory, 'mosquitto.conf');
  const isKept = settings.some((line) => line.startsWith('persistence '));
  const lines = [
    ...(isKept ? [] : ['persistence false']),
    `listener ${port} 127.0.0.1`,
    ...settings,
    '',
  ];
  await writeFile(config, lines.join('\n'));
  let broker = run(config);
  const stop = async (): Promise<void> => {
    await end(broker);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await started(broker, port);
  } catch (error) {
    await stop();
    throw error;
  }
  const restart = async (): Promise<void> => {
    await end(broker);
    broker = run(config);
    await started(broker, port);
  };
  return { url: `mqtt://127.0.0.1:${port}`, port, restart, [Symbol.asyncDispose]: stop };
}

function run(config: string): ChildProcess {
  return spawn('mosquitto', ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Throws what it complained of when it ends instead. */
async function started(broker: ChildProcess, port: number): Promise<void> {
  const said: string[] = [];
  broker.stderr?.on('data', (chunk: Buffer) => said.push(chunk.toString('utf8')));
  const failed = once(broker, 'error').then(([error]) => Promise.reject(error as Error));
  const exited = once(broker, 'exit').then(() =>
    Promise.reject(new Error(`mosquitto did not start: ${said.join('')}`)),
  );
  for (const later of [failed, exited]) later.catch(() => undefined);
  await Promise.race([accepts(port), failed, exited]);
}

/** Publishes with `mosquitto_pub`; throws what it says when it fails. `options` as on its command line. */
export async function mosquittoPub(
  port: number,
  topic: string,
  payload: string,
  options: readonly string[] = [],
): Promise<void> {
  const args = ['-h', '127.0.0.1', '-p', String(port), '-t', topic, '-m', payload, '-q', '1'];
  const client = spawn('mosquitto_pub', [...args, ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  client.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString('utf8')));
  const [code] = (await once(client, 'close')) as [number | null];
  if (code !== 0) throw new Error(`mosquitto_pub exited with ${code}: ${said.join('')}`);
}

export interface Heard {
  readonly topic: string;
  readonly payload: string;
}

const hearTimeoutMs = 10_000;

/** Messages that `mosquitto_sub` heard, in their order. */
export class Listener implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #filter: string;

  constructor(port: number, filter: string) {
    const args = `-h 127.0.0.1 -p ${port} -q 1 -d`.split(' ');
    // stdbuf: into a pipe, mosquitto_sub would keep the news of its subscription to itself
    const child = spawn('stdbuf', ['-oL', 'mosquitto_sub', ...args, '-t', filter, '-F', '%t %p'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.#filter = filter;
  }

  /** Resolves when the broker has granted the subscription. */
  async subscribed(): Promise<void> {
    while (!(await this.#line()).startsWith('Subscribed')) continue;
  }

  /** The next message not taken yet; throws after ten seconds without one. */
  async next(): Promise<Heard> {
    for (;;) {
      const line = await this.#line();
      if (/^Client .* (sending|received) /.test(line)) continue; // what -d adds
      const space = line.indexOf(' ');
      return { topic: line.slice(0, space), payload: line.slice(space + 1) };
    }
  }

  /** The next message that satisfies `wanted`; those before it are passed over. */
  async find(wanted: (heard: Heard) => boolean): Promise<Heard> {
    for (;;) {
      const heard = await this.next();
      if (wanted(heard)) return heard;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return end(this.#child);
  }

  async #line(): Promise<string> {
    const timeout = sleep(hearTimeoutMs, undefined, { ref: false });
    const next = await Promise.race([this.#lines.next(), timeout]);
    if (!next || next.done) throw new Error(`nothing heard on ${this.#filter}`);
    return next.value;
  }
}

/** Listens with `mosquitto_sub`; resolves when the broker has granted the subscription. */
export async function mosquittoSub(port: number, filter: string): Promise<Listener> {
  const listener = new Listener(port, filter);
  try {
    await listener.subscribed();
    return listener;
  } catch (error) {
    await listener[Symbol.asyncDispose]();
    throw error;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Resolves when something listens on the port. */
async function accepts(port: number): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  while (performance.now() < deadline) {
    const socket = connect(port, '127.0.0.1');
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (open) return;
    await sleep(20);
  }
  throw new Error(`nothing listens on port ${port}`);
}
