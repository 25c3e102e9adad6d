import { once } from 'node:events';
import { request } from 'node:http';
import { pods } from '@skerry/cloudhub/kube/resource';
import type { KubeClient } from '@skerry/cloudhub/kube/kube-client';
import { listContainers, type Listed } from '../../test/support/containers.ts';
import { ask } from '../../test/support/docker-engine.ts';
import { pool } from './hub.ts';

const forever = new AbortController().signal;

export interface SleeperPod {
  readonly name: string;
  readonly node: string;
  readonly image: string;
}

/** A pod whose one container sleeps; resolves when the API has accepted it. */
export async function writeSleeper(
  api: KubeClient,
  { name, node, image }: SleeperPod,
): Promise<void> {
  const container = { name: 'main', image, imagePullPolicy: 'Never', command: ['sleep', '100000'] };
  const spec = { nodeName: node, terminationGracePeriodSeconds: 0, containers: [container] };
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
  await api.create(pods, 'default', object, forever);
}

/** A pod whose one container serves a page, by which it is probed as often as Kubernetes does by default. */
export async function writeProbed(
  api: KubeClient,
  { name, node, image }: SleeperPod,
): Promise<void> {
  const serve = 'echo ok > /tmp/index.html; exec httpd -f -p 8080 -h /tmp';
  const command = ['sh', '-c', serve];
  const [livenessProbe, readinessProbe] = [
    { tcpSocket: { port: 8080 } },
    { httpGet: { port: 8080, path: '/' } },
  ];
  const probes = { livenessProbe, readinessProbe };
  const container = { name: 'main', image, imagePullPolicy: 'Never', command, ...probes };
  const spec = { nodeName: node, terminationGracePeriodSeconds: 0, containers: [container] };
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
  await api.create(pods, 'default', object, forever);
}

/** The containers (not sandboxes) that run for the pods whose names begin so. */
export async function runningContainers(socketPath: string, podPrefix: string): Promise<string[]> {
  const listed = await listContainers(socketPath, 'io.skerry.kind=container');
  return listed
    .filter(({ State, Labels }) => State === 'running' && isOf(Labels, podPrefix))
    .map(({ Id }) => Id);
}

/** How many containers and sandboxes, running or not, there are of such pods. */
export async function presentContainers(socketPath: string, podPrefix: string): Promise<number> {
  const listed = await listContainers(socketPath, 'io.skerry.kind');
  return listed.filter(({ Labels }) => isOf(Labels, podPrefix)).length;
}

function isOf(labels: Listed['Labels'], podPrefix: string): boolean {
  return labels['io.skerry.pod.name']?.startsWith(podPrefix) === true;
}

/** When the engine started the container's process, milliseconds since the epoch. */
export async function startedAt(socketPath: string, id: string): Promise<number> {
  const { State } = JSON.parse(await ask(socketPath, 'GET', `/containers/${id}/json`)) as {
    State: { StartedAt: string };
  };
  const [whole = '', fraction = '0Z'] = State.StartedAt.split('.');
  return Date.parse(`${whole}Z`) + Number(`0.${fraction.replace('Z', '')}`) * 1_000;
}

/** The engine alone: one container created and started, milliseconds. */
export async function bareStart(socketPath: string, image: string): Promise<number> {
  const began = performance.now();
  const body = Buffer.from(JSON.stringify({ Image: image, Cmd: ['sleep', '100000'] }));
  const { Id } = JSON.parse(await post(socketPath, '/containers/create', body)) as { Id: string };
  await ask(socketPath, 'POST', `/containers/${Id}/start`);
  const took = performance.now() - began;
  await ask(socketPath, 'DELETE', `/containers/${Id}?force=1`);
  return took;
}

/**
 * The engine alone: so many pods as the agent makes them (a container that holds the network, and one
 * within it), some of them at once; milliseconds.
 */
export async function barePods(
  socketPath: string,
  image: string,
  count: number,
  atOnce: number,
): Promise<number> {
  const ids: string[] = [];
  const run = async (HostConfig: object): Promise<string> => {
    const body = Buffer.from(
      JSON.stringify({ Image: image, Cmd: ['sleep', '100000'], HostConfig }),
    );
    const { Id } = JSON.parse(await post(socketPath, '/containers/create', body)) as { Id: string };
    ids.push(Id);
    await ask(socketPath, 'POST', `/containers/${Id}/start`);
    return Id;
  };
  const began = performance.now();
  await pool(count, atOnce, async () => {
    const sandbox = await run({ IpcMode: 'shareable', LogConfig: { Type: 'none' } });
    const shared = `container:${sandbox}`;
    await run({ NetworkMode: shared, IpcMode: shared });
  });
  const took = performance.now() - began;
  await Promise.all(ids.map((id) => ask(socketPath, 'DELETE', `/containers/${id}?force=1`)));
  return took;
}

async function post(socketPath: string, path: string, body: Buffer): Promise<string> {
  const asked = request({
    socketPath,
    method: 'POST',
    path: `/v1.41${path}`,
    headers: { 'content-type': 'application/json', 'content-length': body.length },
  });
  asked.end(body);
  const [response] = (await once(asked, 'response')) as [
    NodeJS.ReadableStream & { statusCode: number },
  ];
  let text = '';
  for await (const chunk of response) text += String(chunk);
  if (response.statusCode >= 300) throw new Error(`POST ${path}: ${text}`);
  return text;
}
