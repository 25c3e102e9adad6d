import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const START_TIMEOUT_MS = 60_000;

export interface PrivateEngine {
  readonly socketPath: string;
  /** Ends the engine with its containers; what it keeps on disk stays, but for what a machine has in /run. */
  halt(): Promise<void>;
  /** Starts it again after `halt`. */
  resume(): Promise<void>;
  /** Ends the engine with its containers, and removes its mounts, bridge, packet filter rules and data. */
  stop(): Promise<void>;
}

/**
 * A Docker Engine with data, sockets and a bridge of its own: two engines on one bridge would give
 * two containers the same address. It ends with us, however we end. Needs root.
 */
export async function startPrivateEngine(
  answers: (socketPath: string) => Promise<boolean>,
): Promise<PrivateEngine> {
  const directory = await mkdtemp(join(tmpdir(), 'docker-engine-'));
  const socketPath = join(directory, 'docker.sock');
  const bridge = await addBridge();
  let daemon: ChildProcess | undefined;
  const halt = async (): Promise<void> => {
    const ending = daemon;
    daemon = undefined;
    if (ending && ending.exitCode === null && ending.signalCode === null) {
      const ended = once(ending, 'exit');
      ending.kill('SIGTERM');
      await ended;
    }
    await unmountBelow(directory);
    await rm(join(directory, 'exec'), { recursive: true, force: true });
  };
  const stop = async (): Promise<void> => {
    await halt();
    await removeRules(bridge);
    await removeBridge(bridge);
    await rm(directory, { recursive: true, force: true });
  };
  const resume = async (): Promise<void> => {
    const started = spawnEngine(directory, socketPath, bridge);
    daemon = started;
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (!(await answers(socketPath))) {
      if (started.exitCode !== null || performance.now() > deadline) {
        await stop();
        throw new Error('dockerd did not start: these tests need a Docker Engine and root');
      }
      await sleep(100);
    }
  };
  await resume();
  return { socketPath, halt, resume, stop };
}

function spawnEngine(directory: string, socketPath: string, bridge: string): ChildProcess {
  const flags = {
    'data-root': join(directory, 'data'),
    'exec-root': join(directory, 'exec'),
    pidfile: join(directory, 'pid'),
    host: `unix://${socketPath}`,
    bridge,
  };
  const words = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  const endWithUs = ['--pdeathsig', 'TERM', '--'];
  return spawn('setpriv', [...endWithUs, 'dockerd', ...words], { stdio: 'ignore' });
}

/** A bridge at the first of 10.180.0.0/16's networks of 256 addresses that nobody has. */
async function addBridge(): Promise<string> {
  const taken = Object.values(networkInterfaces()).flatMap((of) => of?.map((one) => one.address));
  for (let third = 0; third < 256; third += 1) {
    const address = `10.180.${third}.1`;
    if (taken.includes(address)) continue;
    const name = `skerry-test${third}`;
    try {
      await run('ip', ['link', 'add', name, 'type', 'bridge']);
    } catch {
      continue; // somebody makes it at this moment
    }
    await run('ip', ['address', 'add', `${address}/24`, 'dev', name]);
    await run('ip', ['link', 'set', name, 'up']);
    return name;
  }
  throw new Error('every network of 10.180.0.0/16 is in use');
}

/** An engine leaves what it has told the packet filter of its bridge. */
async function removeRules(bridge: string): Promise<void> {
  for (const table of ['filter', 'nat']) {
    const { stdout } = await run('iptables', ['-w', '-t', table, '-S']);
    const rules = stdout.split('\n').map((line) => line.split(' '));
    for (const [, ...rule] of rules.filter((words) => words.includes(bridge)))
      await run('iptables', ['-w', '-t', table, '-D', ...rule]);
  }
}

/** With the ends that an engine leaves there when it goes while it makes a container. */
async function removeBridge(bridge: string): Promise<void> {
  const ports = await readdir(`/sys/class/net/${bridge}/brif`);
  for (const port of ports) await run('ip', ['link', 'delete', port]).catch(() => undefined);
  await run('ip', ['link', 'delete', bridge]);
}

/** An engine that has ended leaves its network namespaces mounted. */
async function unmountBelow(directory: string): Promise<void> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  for (const line of mounts.split('\n')) {
    const path = line.split(' ')[1] ?? '';
    if (path.startsWith(`${directory}/`)) await run('umount', ['--lazy', path]);
  }
}
