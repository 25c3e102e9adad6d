import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { containersOf, logsOf, runningContainer } from '../support/containers.ts';
import { eventually } from '../support/eventually.ts';
import { useSite } from '../support/site.ts';

const run = promisify(execFile);
const site = useSite();

interface Pod {
  readonly metadata: { readonly uid: string };
  readonly status: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly containerStatuses?: readonly {
      readonly restartCount: number;
      readonly ready: boolean;
    }[];
  };
}

function podOf(name: string, script: string, more: object = {}, container: object = {}): object {
  const main = {
    name: 'main',
    image: site.image,
    imagePullPolicy: 'Never',
    command: ['sh', '-c', script],
    ...container,
  };
  const spec = {
    nodeName: site.node.name,
    terminationGracePeriodSeconds: 1,
    containers: [main],
    ...more,
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
}

const untilRunning = (name: string): Promise<Pod> =>
  site.system.kubectl.waitFor<Pod>(
    ['pod', name],
    ({ status }) => status.phase === 'Running' && status.containerStatuses?.[0]?.ready === true,
  );

describe('a pod', () => {
  it('runs, tells its status, and is gone with its containers when deleted', async () => {
    await site.system.kubectl.apply(podOf('life', 'echo alive; exec sleep 1000'));
    const { status } = await untilRunning('life');
    expect(status.podIP).toBeTruthy();
    const [listed] = (await site.system.kubectl.run(['get', 'pod', 'life', '--no-headers']))
      .trim()
      .split('\n');
    expect(listed).toMatch(/^life +1\/1 +Running +0 /);
    expect(await logsOf(site.engine, await runningContainer(site.engine, 'life'))).toContain(
      'alive',
    );
    await site.system.kubectl.run(['delete', 'pod', 'life', '--timeout=90s']);
    expect(await containersOf(site.engine, 'life')).toEqual([]);
  });

  it('gets a new container when its image changes, and keeps its identity', async () => {
    await site.system.kubectl.apply(podOf('update', 'exec sleep 1000'));
    const before = await untilRunning('update');
    const first = await runningContainer(site.engine, 'update');
    const again = `${site.image.split(':')[0] ?? ''}:second-${process.pid}`;
    await run('docker', ['-H', `unix://${site.engine.socketPath}`, 'tag', site.image, again]);
    site.engine.images.add(again);
    await site.system.kubectl.run(['set', 'image', 'pod/update', `main=${again}`]);
    await eventually(
      'another container',
      async () => (await runningContainer(site.engine, 'update')) !== first,
    );
    const after = await untilRunning('update');
    expect(after.metadata.uid).toBe(before.metadata.uid);
  });

  it('sees its ConfigMap and Secret as environment and as files', async () => {
    await site.system.kubectl.apply([
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'site' },
        data: { MODE: 'first', 'index.html': 'from a file' },
      },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'key' },
        stringData: { token: 's3cr3t' },
      },
      podOf(
        'config',
        'echo "$MODE $TOKEN $(cat /site/index.html) $(cat /secret/token)"; exec sleep 1000',
        {
          volumes: [
            { name: 'site', configMap: { name: 'site' } },
            { name: 'secret', secret: { secretName: 'key' } },
          ],
        },
        {
          envFrom: [{ configMapRef: { name: 'site' } }],
          env: [{ name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'key', key: 'token' } } }],
          volumeMounts: [
            { name: 'site', mountPath: '/site' },
            { name: 'secret', mountPath: '/secret', readOnly: true },
          ],
        },
      ),
    ]);
    await untilRunning('config');
    const id = await runningContainer(site.engine, 'config');
    expect(await logsOf(site.engine, id)).toContain('first s3cr3t from a file s3cr3t');
    await site.system.kubectl.run([
      'patch',
      'cm',
      'site',
      '-p',
      '{"data":{"index.html":"changed"}}',
    ]);
    await eventually('the changed file', async () => {
      const { stdout } = await run('docker', [
        '-H',
        `unix://${site.engine.socketPath}`,
        'exec',
        id,
        'cat',
        '/site/index.html',
      ]);
      return stdout === 'changed';
    });
  });

  it('waits for a ConfigMap that is not there yet, and says so', async () => {
    await site.system.kubectl.apply(
      podOf('waits', 'exec sleep 1000', {}, { envFrom: [{ configMapRef: { name: 'late' } }] }),
    );
    await eventually('the reason', async () =>
      /CreateContainerConfigError/.test(await site.system.kubectl.run(['get', 'pod', 'waits'])),
    );
    await site.system.kubectl.run(['create', 'configmap', 'late', '--from-literal=A=1']);
    await untilRunning('waits');
  });

  it('shares one network between its containers', async () => {
    const server = {
      name: 'server',
      image: site.image,
      imagePullPolicy: 'Never',
      command: ['sh', '-c', 'echo shared > /tmp/index.html; exec httpd -f -p 8080 -h /tmp'],
    };
    const client = {
      name: 'client',
      image: site.image,
      imagePullPolicy: 'Never',
      command: [
        'sh',
        '-c',
        'until wget -q -O - http://127.0.0.1:8080/; do sleep 0.1; done; exec sleep 1000',
      ],
    };
    await site.system.kubectl.apply(podOf('shared', '', { containers: [server, client] }));
    await untilRunning('shared');
    const id = await runningContainer(site.engine, 'shared', 'client');
    await eventually('the answer', async () => (await logsOf(site.engine, id)).includes('shared'));
  });

  it('is restarted when its process ends, and counts it', async () => {
    await site.system.kubectl.apply(podOf('crash', 'sleep 0.2; exit 3'));
    await site.system.kubectl.waitFor<Pod>(
      ['pod', 'crash'],
      ({ status }) => (status.containerStatuses?.[0]?.restartCount ?? 0) >= 1,
    );
    await eventually('CrashLoopBackOff', async () =>
      /CrashLoopBackOff/.test(await site.system.kubectl.run(['get', 'pod', 'crash'])),
    );
  });

  it('is completed when it may end', async () => {
    await site.system.kubectl.apply(podOf('job', 'echo done', { restartPolicy: 'Never' }));
    await site.system.kubectl.waitFor<Pod>(
      ['pod', 'job'],
      ({ status }) => status.phase === 'Succeeded',
    );
    expect(await site.system.kubectl.run(['get', 'pod', 'job'])).toMatch(/Completed/);
  });

  it('of runtime class process runs its command on the machine itself', async () => {
    const container = {
      name: 'main',
      image: 'none',
      command: ['sh', '-c', 'echo "$GREETING"; exec sleep 1000'],
      env: [{ name: 'GREETING', value: 'hello' }],
    };
    await site.system.kubectl.apply(
      podOf('host', '', { runtimeClassName: 'process', containers: [container] }),
    );
    await untilRunning('host');
    await site.system.kubectl.run(['delete', 'pod', 'host', '--timeout=90s']);
  });
});
