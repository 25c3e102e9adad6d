import type { KubeObject } from '@skerry/apiserver/json';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where an API is served, and an administrator's certificate; PEM. */
export interface ServedBench {
  readonly url: string;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** The embedded API as a process, and clients of it in this one. */
export interface ApiProcess extends AsyncDisposable {
  readonly pid: number | undefined;
  readonly served: ServedBench;
  /** Milliseconds from the start of the process until it served. */
  readonly startedMs: number;
  /** One request over one of the kept connections; the answer's body. Fails when it is refused. */
  ask(method: string, path: string, body?: unknown): Promise<Buffer>;
  /** The same, over a connection of its own, as soon as the answer begins. */
  open(path: string): Promise<IncomingMessage>;
}

const program = join(import.meta.dirname, 'api-server.ts');
const connections = 64;

/** A directory that goes with whoever made it. */
export async function benchDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'skerry-api-bench-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export async function startApi(dataDir: string): Promise<ApiProcess> {
  const began = performance.now();
  const child = fork(program, [dataDir], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [served] = (await once(child, 'message')) as [ServedBench];
  const startedMs = performance.now() - began;
  const agent = new Agent({ ...served, keepAlive: true, maxSockets: connections });
  return {
    pid: child.pid,
    served,
    startedMs,
    ask: (method, path, body) => ask({ served, agent }, method, path, body),
    open: (path) => send({ served, agent: false }, 'GET', path),
    [Symbol.asyncDispose]: () => end(child, agent),
  };
}

interface Client {
  readonly served: ServedBench;
  readonly agent: Agent | false;
}

async function ask(client: Client, method: string, path: string, body?: unknown): Promise<Buffer> {
  const answer = await send(client, method, path, body);
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks);
  if ((answer.statusCode ?? 0) >= 300) throw new Error(text.toString());
  return text;
}

async function send(
  { served, agent }: Client,
  method: string,
  path: string,
  body?: unknown,
): Promise<IncomingMessage> {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const asked = request(served.url + path, { ...served, method, agent, headers });
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return answer;
}

async function end(child: ChildProcess, agent: Agent): Promise<void> {
  agent.destroy();
  const gone = once(child, 'exit');
  child.disconnect();
  await gone;
}

/** A pod of about 2 KB, as people write them. */
export function benchPod(name: string): KubeObject {
  const env = Array.from({ length: 12 }, (_, at) => ({
    name: `SETTING_${at}`,
    value: 'x'.repeat(60),
  }));
  return {
    ...{ apiVersion: 'v1', kind: 'Pod' },
    metadata: { name, labels: { app: 'bench' } },
    spec: {
      automountServiceAccountToken: false,
      nodeName: 'bench',
      containers: [{ name: 'main', image: 'example/app:1', env }],
    },
  };
}
