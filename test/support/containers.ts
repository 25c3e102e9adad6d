import { ask, type DockerEngine } from './docker-engine.ts';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A container or sandbox as the engine lists it. */
export interface Listed {
  readonly Id: string;
  readonly State: string;
  readonly Labels: Readonly<Record<string, string>>;
}

/** Every container and sandbox that the agent made for pods of this name. */
export async function containersOf(engine: DockerEngine, pod: string): Promise<readonly Listed[]> {
  return listContainers(engine.socketPath, `io.skerry.pod.name=${pod}`);
}

/** Every container and sandbox, running or not, with this label. */
export async function listContainers(socketPath: string, label: string): Promise<Listed[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
  return JSON.parse(
    await ask(socketPath, 'GET', `/containers/json?all=1&filters=${filters}`),
  ) as Listed[];
}

/** Id of the one running container of this name; throws when there is none or are several. */
export async function runningContainer(
  engine: DockerEngine,
  pod: string,
  container = 'main',
): Promise<string> {
  const running = (await containersOf(engine, pod)).filter(
    ({ State, Labels }) => State === 'running' && Labels['io.skerry.container.name'] === container,
  );
  const [only, ...more] = running;
  if (!only || more.length > 0)
    throw new Error(`${running.length} containers ${container} of ${pod} run`);
  return only.Id;
}

/** What the container wrote. */
export async function logsOf(engine: DockerEngine, id: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)('docker', [
    '-H',
    `unix://${engine.socketPath}`,
    'logs',
    id,
  ]);
  return stdout + stderr;
}
