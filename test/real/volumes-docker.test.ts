import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TokenRefused, type TokenSource } from '@skerry/edgecore/link/token-requests';
import { systemMounter } from '@skerry/edgecore/pods/volumes/mounter';
import { openDockerRuntime } from '@skerry/edgecore/runtime/docker/docker-runtime';
import { systemClock } from '@skerry/shared/clock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Container, PodObject } from '../../packages/edgecore/src/pods/pod.ts';
import {
  PodNode,
  podObject,
  type PodReport,
} from '../../packages/edgecore/src/pods/testing/pod-node.ts';
import type { ContainerRuntime } from '../../packages/edgecore/src/runtime/container-runtime.ts';
import { importBusybox, startDockerEngine, type DockerEngine } from '../support/docker-engine.ts';
import { eventually } from '../support/eventually.ts';

const run = promisify(execFile);
const { signal } = new AbortController();

/** A hub that gives tokens as long as it is up. */
class Tokens implements TokenSource {
  isUp = true;
  given = 0;

  ask(): ReturnType<TokenSource['ask']> {
    if (!this.isUp) return Promise.reject(new TokenRefused('the hub cannot be reached'));
    const token = `token-${++this.given}`;
    return Promise.resolve({ type: 'tokenGrant', id: this.given, token, lifeSeconds: 3600 });
  }

  whenUp(): () => void {
    return () => undefined;
  }
}

describe('volumes of pods on a Docker engine', () => {
  let engine: DockerEngine;
  let image: string;
  let runtime: ContainerRuntime;
  let node: PodNode;
  let tokens: Tokens;
  let host: string;

  beforeAll(async () => {
    engine = await startDockerEngine();
    image = await importBusybox(engine);
  });
  afterAll(() => engine[Symbol.asyncDispose]());
  beforeEach(async () => {
    const owner = `volumes-${crypto.randomUUID()}`;
    const address = `unix://${engine.socketPath}`;
    const open = (): Promise<ContainerRuntime> =>
      openDockerRuntime({ address, owner, clock: systemClock });
    runtime = await open();
    tokens = new Tokens();
    host = await mkdtemp(join(tmpdir(), 'volumes-host-'));
    node = await PodNode.start({ clock: systemClock, open, tokens, mounter: systemMounter });
  });
  afterEach(async () => {
    await node.stopAgent();
    for (const { containers, sandboxes } of await runtime.list(undefined, signal)) {
      await Promise.all(containers.map(({ id }) => runtime.removeContainer(id, signal)));
      await Promise.all(sandboxes.map(({ id }) => runtime.removeSandbox(id, signal)));
    }
    for (const path of await systemMounter.mountsAt(node.podsDir))
      await systemMounter.unmount(path);
    await node[Symbol.asyncDispose]();
    await rm(host, { recursive: true });
  });

  const sh = (script: string, more: Partial<Container> = {}): Container => ({
    name: 'main',
    image,
    imagePullPolicy: 'Never',
    command: ['sh', '-c', `${script}; echo done; exec sleep 1000`],
    ...more,
  });
  const hold = (wish: Parameters<typeof podObject>[0]): PodObject => {
    const pod = podObject({ uid: crypto.randomUUID(), terminationGracePeriodSeconds: 1, ...wish });
    node.hold('pods', pod);
    return pod;
  };
  const containerId = async (name: string): Promise<string> => {
    const [pod] = await runtime.list({ namespace: 'default', name: 'web' }, signal);
    return pod?.containers.findLast(({ mark }) => mark.name === name)?.id ?? '';
  };
  /** What a container of the pod wrote until it was done. */
  const said = async (name = 'main'): Promise<string[]> => {
    await node.until(isRunning);
    const lines: string[] = [];
    for await (const { text } of runtime.logs(await containerId(name), { follow: true }, signal)) {
      if (text === 'done') break;
      lines.push(text);
    }
    return lines;
  };
  /** Runs a command in the pod's container. */
  const within = async (...command: string[]): Promise<string> => {
    const words = ['-H', `unix://${engine.socketPath}`, 'exec', await containerId('main')];
    return (await run('docker', [...words, ...command])).stdout.trim();
  };
  const failedMount = (): Promise<string> =>
    eventually('an Event', () => node.events().find((event) => event.startsWith('FailedMount: ')));
  const gone = async (pod: PodObject): Promise<void> => {
    const metadata = { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
    node.hold('pods', { ...pod, metadata });
    await node.until((report) => report.gone);
  };

  it('in memory are shared, bounded, and gone with the pod', async () => {
    const mount = { volumeMounts: [{ name: 'fast', mountPath: '/fast' }] };
    const pod = hold({
      volumes: [{ name: 'fast', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }],
      containers: [
        sh('echo shared > /fast/file', { ...mount, name: 'writer' }),
        sh(
          'until [ -s /fast/file ]; do sleep 0.05; done; cat /fast/file; stat -f -c %T /fast; ' +
            'dd if=/dev/zero of=/fast/big bs=64k count=32 2>/dev/null || echo full',
          mount,
        ),
      ],
    });
    expect(await said()).toEqual(['shared', 'tmpfs', 'full']);
    expect(await systemMounter.mountsAt(node.podsDir)).toHaveLength(1);
    await gone(pod);
    await eventually('nothing mounted', async () => {
      const [mounts, left] = [
        await systemMounter.mountsAt(node.podsDir),
        await readdir(node.podsDir),
      ];
      return mounts.length === 0 && left.length === 0;
    });
  });

  it('are what a claim is bound to, and keep what is in them', async () => {
    await mkdir(join(host, 'disk'));
    const claim = { name: 'data', namespace: 'default', uid: 'claim' };
    const phase = { status: { phase: 'Bound' } };
    node.hold('persistentvolumes', {
      metadata: { name: 'disk', namespace: '', uid: 'volume' },
      spec: { claimRef: claim, local: { path: join(host, 'disk') } },
    });
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    const pod = hold({
      securityContext: { fsGroup: 3000 },
      volumes,
      containers: [
        sh('id -u; echo kept > /data/file; stat -c %g /data/file; ls /data', {
          securityContext: { runAsUser: 1000, runAsGroup: 1000 },
          volumeMounts: [{ name: 'data', mountPath: '/data', subPathExpr: '$(HOME_OF)' }],
          env: [{ name: 'HOME_OF', value: 'db' }],
        }),
      ],
    });
    expect(await failedMount()).toContain('persistentvolumeclaim "data" not found');
    node.hold('persistentvolumeclaims', {
      metadata: claim,
      spec: { volumeName: 'disk' },
      ...phase,
    });
    expect((await said()).at(-1)).toBe('file');
    await gone(pod);
    expect((await stat(join(host, 'disk/db/file'))).gid).toBe(3000);
  });

  it('hold a token, the cluster’s certificate and the namespace, also for who starts cut off', async () => {
    node.hold('configmaps', {
      metadata: { name: 'kube-root-ca.crt', namespace: 'default', uid: 'ca' },
      data: { 'ca.crt': 'CERTIFICATE' },
    });
    const field = { fieldRef: { fieldPath: 'metadata.namespace' } };
    const sources = [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3607 } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', ...field }] } },
    ];
    const access = '/var/run/secrets/kubernetes.io/serviceaccount';
    hold({
      volumes: [{ name: 'kube-api-access', projected: { sources, defaultMode: 0o644 } }],
      containers: [
        sh(`cd ${access}; for f in ca.crt namespace token; do cat $f; echo; done`, {
          volumeMounts: [{ name: 'kube-api-access', mountPath: access, readOnly: true }],
        }),
      ],
    });
    expect(await said()).toEqual(['CERTIFICATE', 'default', 'token-1']);
    await node.stopAgent();
    await runtime.removeContainer(await containerId('main'), signal);
    tokens.isUp = false;
    node.startAgent();
    await node.until(({ status }) => restarts(status) === 1 && isReady(status));
    expect(await within('cat', `${access}/token`)).toBe('token-1');
    expect(tokens.given).toBe(1);
  });

  it('show a changed label to who mounts all of a volume, and what there was to who mounts a part', async () => {
    const field = { fieldRef: { fieldPath: "metadata.labels['stage']" } };
    const items = [{ path: 'stage', ...field }];
    const metadata = (stage: string): Partial<PodObject['metadata']> => ({ labels: { stage } });
    const volumeMounts = [
      { name: 'about', mountPath: '/all' },
      { name: 'about', mountPath: '/one', subPath: 'stage' },
    ];
    const wish = {
      volumes: [{ name: 'about', downwardAPI: { items } }],
      containers: [sh('true', { volumeMounts })],
      uid: 'about',
    };
    hold({ ...wish, metadata: metadata('test') });
    await said();
    hold({ ...wish, metadata: metadata('live') });
    await eventually('the label', async () => (await within('cat', '/all/stage')) === 'live');
    expect(await within('cat', '/one')).toBe('test');
  });

  it('are for the pod’s group and one user alone, where it says so', async () => {
    const secret = Buffer.from('s3cr3t').toString('base64');
    const metadata = { name: 'key', namespace: 'default', uid: 'k' };
    node.hold('secrets', { metadata, data: { key: secret } });
    hold({
      securityContext: { fsGroup: 3000, runAsUser: 1000, runAsGroup: 1000 },
      volumes: [
        { name: 'key', secret: { secretName: 'key', defaultMode: 0o400 } },
        { name: 'mine', emptyDir: {} },
      ],
      containers: [
        sh(
          'stat -L -c "%u %g %a" /key/key; cat /key/key; echo; touch /mine/x; stat -c "%u %g" /mine/x',
          {
            volumeMounts: [
              { name: 'key', mountPath: '/key' },
              { name: 'mine', mountPath: '/mine' },
            ],
          },
        ),
      ],
    });
    expect(await said()).toEqual(['0 3000 440', 's3cr3t', '1000 3000']);
  });

  it('show what is mounted on the host later, if the container asks for that', async () => {
    await mkdir(join(host, 'later'));
    await run('mount', ['--bind', host, host]);
    await run('mount', ['--make-shared', host]);
    try {
      const mount = {
        name: 'host',
        mountPath: '/host',
        mountPropagation: 'HostToContainer',
      } as const;
      hold({
        volumes: [{ name: 'host', hostPath: { path: host } }],
        containers: [sh('true', { volumeMounts: [mount] })],
      });
      await said();
      await run('mount', ['-t', 'tmpfs', 'tmpfs', join(host, 'later')]);
      await writeFile(join(host, 'later/file'), 'from later');
      expect(await within('cat', '/host/later/file')).toBe('from later');
    } finally {
      await run('umount', ['--recursive', host]);
    }
  });

  it('say what keeps them from being mounted', async () => {
    hold({
      volumes: [{ name: 'share', nfs: { server: '127.0.0.1', path: '/none' } }],
      containers: [sh('true', { volumeMounts: [{ name: 'share', mountPath: '/share' }] })],
    });
    await failedMount();
    const told = node.events().find((event) => event.startsWith('FailedMount: '));
    expect(told).toMatch(
      /^FailedMount: MountVolume.SetUp failed for volume "share" : mount failed: /,
    );
    const { status } = await node.until((report) => report.status.phase === 'Pending');
    expect(status.containerStatuses?.[0]?.state.waiting?.reason).toBe('ContainerCreating');
  });
});

type Status = PodReport['status'];

function isReady({ conditions = [] }: Status): boolean {
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

function isRunning({ status }: PodReport): boolean {
  return status.phase === 'Running' && isReady(status);
}

function restarts({ containerStatuses = [] }: Status): number | undefined {
  return containerStatuses[0]?.restartCount;
}
