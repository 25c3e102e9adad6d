import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, copyFile, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SYSTEM_SOCKET = '/var/run/docker.sock';
const START_TIMEOUT_MS = 60_000;

/** A Docker Engine that tests may use; dispose of it to leave nothing behind. */
export interface DockerEngine extends AsyncDisposable {
  readonly socketPath: string;
  /** Images to remove in the end. */
  readonly images: Set<string>;
}

/** The engine of DOCKER_HOST, else the system's, else a private one that is started here. */
export async function startDockerEngine(): Promise<DockerEngine> {
  const configured = process.env['DOCKER_HOST'];
  if (configured?.startsWith('unix://')) return sharedEngine(configured.slice(7));
  if (await answers(SYSTEM_SOCKET)) return sharedEngine(SYSTEM_SOCKET);
  return privateEngine();
}

/** An image of the machine's static busybox with every applet linked in /bin; answers its name. */
export async function importBusybox(engine: DockerEngine): Promise<string> {
  const tag = `${process.pid}-${crypto.randomUUID().slice(0, 8)}`;
  const root = await mkdtemp(join(tmpdir(), 'busybox-image-'));
  try {
    await mkdir(join(root, 'bin'));
    await mkdir(join(root, 'tmp'), { mode: 0o777 });
    await copyFile('/bin/busybox', join(root, 'bin/busybox'));
    const { stdout: applets } = await run('/bin/busybox', ['--list']);
    for (const applet of applets.trim().split('\n'))
      if (applet !== 'busybox') await symlink('busybox', join(root, 'bin', applet));
    const { stdout: tar } = await run('tar', ['-C', root, '-c', '.'], {
      encoding: 'buffer',
      maxBuffer: 64 * 1024 * 1024,
    });
    const query = new URLSearchParams({ fromSrc: '-', repo: 'skerry-test/busybox', tag });
    query.append('changes', 'ENV PATH=/bin');
    await ask(engine.socketPath, 'POST', `/images/create?${query.toString()}`, tar);
  } finally {
    await rm(root, { recursive: true });
  }
  const image = `skerry-test/busybox:${tag}`;
  engine.images.add(image);
  return image;
}

/** One call of the Engine API; throws unless it answers 2xx. */
export async function ask(
  socketPath: string,
  method: string,
  path: string,
  body?: Buffer,
): Promise<string> {
  const asked = request({ socketPath, method, path: `/v1.41${path}` });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [
    NodeJS.ReadableStream & { statusCode: number },
  ];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${text}`);
  return text;
}

function sharedEngine(socketPath: string): DockerEngine {
  const images = new Set<string>();
  return { socketPath, images, [Symbol.asyncDispose]: () => removeImages(socketPath, images) };
}

/** What is in use by others stays. */
async function removeImages(socketPath: string, images: Set<string>): Promise<void> {
  for (const image of images)
    await ask(socketPath, 'DELETE', `/images/${image}`).catch(() => undefined);
}

async function privateEngine(): Promise<DockerEngine> {
  const directory = await mkdtemp(join(tmpdir(), 'docker-engine-'));
  const socketPath = join(directory, 'docker.sock');
  const flags = { 'data-root': 'data', 'exec-root': 'exec', pidfile: 'pid' };
  const daemon = spawn(
    'dockerd',
    [
      ...Object.entries(flags).flatMap(([flag, name]) => [`--${flag}`, join(directory, name)]),
      ...['--host', `unix://${socketPath}`],
    ],
    { stdio: 'ignore' },
  );
  const ended = once(daemon, 'exit');
  const dispose = async (): Promise<void> => {
    if (daemon.exitCode === null) daemon.kill('SIGTERM');
    await ended;
    await unmountBelow(directory);
    await rm(directory, { recursive: true, force: true });
  };
  for (const deadline = Date.now() + START_TIMEOUT_MS; !(await answers(socketPath));) {
    if (daemon.exitCode !== null || Date.now() > deadline) {
      await dispose();
      throw new Error('dockerd did not start: these tests need a Docker Engine and root');
    }
    await sleep(100);
  }
  return { socketPath, images: new Set(), [Symbol.asyncDispose]: dispose };
}

/** An engine that has ended leaves its network namespaces mounted. */
async function unmountBelow(directory: string): Promise<void> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  for (const line of mounts.split('\n')) {
    const path = line.split(' ')[1] ?? '';
    if (path.startsWith(`${directory}/`)) await run('umount', ['--lazy', path]);
  }
}

async function answers(socketPath: string): Promise<boolean> {
  try {
    await access(socketPath);
    await ask(socketPath, 'GET', '/version');
    return true;
  } catch {
    return false;
  }
}
