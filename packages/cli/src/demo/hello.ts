import { createHash } from 'node:crypto';
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Engine } from '@skerry/edgecore/runtime/docker/engine';
import { tarOfExecutable } from '@skerry/edgecore/runtime/docker/tar';
import { InvariantViolation } from '@skerry/shared/errors';
import type { Manifest } from '../kube/manifest.ts';
import { loopback, nodeName } from '../up/settings.ts';
import { helloPrograms } from './hello-programs.ts';

/** What the demo pod's container is made of, and how it is run here. */
export type HelloRuntime =
  | { readonly type: 'docker'; readonly image: string; readonly version: string }
  | { readonly type: 'process'; readonly program: string };

export interface HelloParts {
  readonly dockerHost: string;
  /** Where the program goes when there is no engine to give an image to. */
  readonly bin: string;
}

const repository = 'skerry/hello';
const engineAnswerMs = 5_000;

/** Gives the engine an image of the web server; without an engine, puts the program on the disk. */
export async function prepareHello(
  { dockerHost, bin }: HelloParts,
  signal: AbortSignal,
): Promise<HelloRuntime> {
  const program = helloProgram(process.arch);
  const tag = createHash('sha256').update(program).digest('hex').slice(0, 12);
  try {
    const engine = new Engine(dockerHost);
    const patience = AbortSignal.any([signal, AbortSignal.timeout(engineAnswerMs)]);
    const { Version } = await engine.version(patience);
    const image = `${repository}:${tag}`;
    if ((await engine.image(image, signal)) === undefined) {
      const changes = 'ENTRYPOINT ["/hello"]';
      const tar = tarOfExecutable('hello', program);
      await engine.importImage(tar, { repo: repository, tag, changes }, signal);
    }
    return { type: 'docker', image, version: Version };
  } catch {
    signal.throwIfAborted();
    const path = join(bin, `hello-${tag}`);
    await writeProgram(path, program);
    return { type: 'process', program: path };
  }
}

/** The demo's objects: a text, and a pod that serves it at `port` of this machine. */
export function helloObjects(runtime: HelloRuntime, port: number): readonly [Manifest, Manifest] {
  return [configMap, pod(runtime, port)];
}

const configMap: Manifest = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'hello', namespace: 'default' },
  data: { greeting: `Hello from a pod on ${nodeName}.\n` },
};

/** The path is relative: a container starts in `/`, a host process where its volumes are linked. */
const mountPath = '/etc/hello';
const greeting = 'etc/hello/greeting';

function pod(runtime: HelloRuntime, port: number): Manifest {
  const container = {
    name: 'hello',
    args: [String(port), greeting],
    volumeMounts: [{ name: 'text', mountPath }],
  };
  const volumes = [{ name: 'text', configMap: { name: configMap.metadata.name } }];
  const common = { nodeName, terminationGracePeriodSeconds: 2, volumes };
  const metadata = { name: 'hello', namespace: 'default', labels: { app: 'hello' } };
  const spec =
    runtime.type === 'docker'
      ? { ...common, containers: [{ ...container, ...inContainer(runtime.image, port) }] }
      : {
          ...common,
          runtimeClassName: 'process',
          containers: [{ ...container, image: 'none', command: [runtime.program] }],
        };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec };
}

function inContainer(image: string, port: number): object {
  const ports = [{ name: 'http', containerPort: port, hostPort: port, hostIP: loopback }];
  return { image, imagePullPolicy: 'Never', ports };
}

function helloProgram(arch: string): Buffer {
  const program = helloPrograms[arch as keyof typeof helloPrograms] as string | undefined;
  if (program === undefined) throw new InvariantViolation(`no demo program for ${arch}`);
  return Buffer.from(program, 'base64');
}

async function writeProgram(path: string, program: Buffer): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, program);
  await chmod(`${path}.new`, 0o755);
  await rename(`${path}.new`, path);
}
