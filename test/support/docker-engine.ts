import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { access, copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startPrivateEngine } from './private-engine.ts';

const run = promisify(execFile);
const SYSTEM_SOCKET = '/var/run/docker.sock';

/** A Docker Engine that tests may use; dispose of it to leave nothing behind. */
export interface DockerEngine extends AsyncDisposable {
  readonly socketPath: string;
  /** Images to remove in the end. */
  readonly images: Set<string>;
}

/** The engine of DOCKER_HOST, else the system's, else a private one that is started here. */
export async function startDockerEngine(): Promise<DockerEngine> {
  const running = await runningEngine();
  if (running !== undefined) return sharedEngine(running);
  const engine = await startPrivateEngine((socketPath) => answers(socketPath));
  return { ...sharedEngine(engine.socketPath), [Symbol.asyncDispose]: () => engine.stop() };
}

/** The socket of the engine that DOCKER_HOST or the system has. */
export async function runningEngine(): Promise<string | undefined> {
  const configured = process.env['DOCKER_HOST'];
  if (configured?.startsWith('unix://')) return configured.slice(7);
  return (await answers(SYSTEM_SOCKET)) ? SYSTEM_SOCKET : undefined;
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

/** Whether an engine is behind the socket. */
export async function answers(socketPath: string): Promise<boolean> {
  try {
    await access(socketPath);
    await ask(socketPath, 'GET', '/version');
    return true;
  } catch {
    return false;
  }
}
