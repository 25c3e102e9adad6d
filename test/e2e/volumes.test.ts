import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containersOf, logsOf, runningContainer } from '../support/containers.ts';
import { ask } from '../support/docker-engine.ts';
import { eventually } from '../support/eventually.ts';
import { useSite } from '../support/site.ts';

const site = useSite();
const access = '/var/run/secrets/kubernetes.io/serviceaccount';

interface Pod {
  readonly metadata: {
    readonly uid: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly nodeName: string };
  readonly status?: {
    readonly phase?: string;
    readonly containerStatuses?: readonly { readonly ready: boolean }[];
  };
}

interface Claims {
  readonly sub: string;
  readonly 'kubernetes.io': {
    readonly pod: { readonly name: string; readonly uid: string };
    readonly serviceaccount: { readonly name: string };
  };
}

const isRunning = ({ status }: Pod): boolean =>
  status?.phase === 'Running' && status.containerStatuses?.[0]?.ready === true;

describe('a claim', () => {
  it('brings its volume to the node of the pod that names it, and what is there is kept', async () => {
    const { kubectl, directory } = site.system;
    const disk = join(directory, 'disk');
    await mkdir(disk);
    const claimRef = { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'data' };
    const size = { storage: '1Gi' };
    const main = {
      name: 'main',
      image: site.image,
      imagePullPolicy: 'Never',
      command: ['sh', '-c', 'echo "was: $(cat /data/file)"; echo kept > /data/file; sleep 1000'],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    };
    const database = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'database' },
      spec: {
        nodeName: site.node.name,
        terminationGracePeriodSeconds: 0,
        containers: [main],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
      },
    };
    await kubectl.apply([
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data' },
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: size },
          volumeName: 'disk',
          storageClassName: '',
        },
      },
      database,
    ]);
    await eventually('the reason', async () =>
      /FailedMount.*PVC default\/data is not bound/.test(await kubectl.run(['get', 'events'])),
    );
    const { metadata } = await kubectl.json<Pod>('get', 'pvc', 'data');
    await kubectl.apply({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'disk' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: size,
        claimRef: { ...claimRef, uid: metadata.uid },
        hostPath: { path: disk },
        persistentVolumeReclaimPolicy: 'Retain',
        storageClassName: '',
      },
    });
    const said = async (): Promise<string> => {
      await kubectl.waitFor<Pod>(['pod', 'database'], isRunning);
      const id = await runningContainer(site.engine, 'database');
      return eventually('a line', async () => (await logsOf(site.engine, id)).trim() || undefined);
    };
    expect(await said()).toContain('was: ');
    await kubectl.run(['delete', 'pod', 'database', '--timeout=90s']);
    await kubectl.apply(database);
    expect(await said()).toBe('was: kept');
    await kubectl.run(['delete', 'pod', 'database', '--timeout=90s']);
    await kubectl.run(['delete', 'pvc', 'data', '--wait=false']);
    await kubectl.run(['delete', 'pv', 'disk', '--wait=false']);
  });
});

interface Volume {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly local: { readonly path: string } };
  readonly status: { readonly phase: string };
}

describe('a database with a volume', () => {
  it('has its data again after its pod, which goes with the claim unless it is to be retained', async () => {
    const { kubectl } = site.system;
    await kubectl.apply(databaseOf(2));
    const [first, second] = [await volumeOf('data-db-0'), await volumeOf('data-db-1')];
    await kubectl.waitFor<Pod>(['pod', 'db-1'], isRunning);
    const before = await kubectl.waitFor<Pod>(['pod', 'db-0'], isRunning);
    expect(await said('db-0')).toEqual(['was: ']);
    expect(await kubectl.run(['get', 'storageclass', '--no-headers'])).toMatch(
      /^local-path \(default\) +edge\.skerry\.io\/local +Delete +WaitForFirstConsumer +false /,
    );
    expect(await kubectl.run(['describe', 'pvc', 'data-db-0'])).toMatch(
      /Used By: +db-0\n[^]*WaitForFirstConsumer[^]*ProvisioningSucceeded/,
    );
    await kubectl.run(['delete', 'pod', 'db-0', '--timeout=90s']);
    await kubectl.waitFor<Pod>(
      ['pod', 'db-0'],
      (pod) => pod.metadata.uid !== before.metadata.uid && isRunning(pod),
    );
    expect(await said('db-0')).toEqual(['was: kept']);
    const retain = JSON.stringify({ spec: { persistentVolumeReclaimPolicy: 'Retain' } });
    await kubectl.run(['patch', 'pv', second.metadata.name, '-p', retain]);
    await kubectl.run(['delete', 'statefulset', 'db', '--cascade=foreground', '--timeout=90s']);
    await kubectl.run(['delete', 'pvc', 'data-db-0', 'data-db-1', '--timeout=90s']);
    await kubectl.run(['wait', '--for=delete', `pv/${first.metadata.name}`, '--timeout=90s']);
    await expect(readFile(join(first.spec.local.path, 'file'))).rejects.toThrow('ENOENT');
    const left = await kubectl.waitFor<Volume>(
      ['pv', second.metadata.name],
      ({ status }) => status.phase === 'Released',
    );
    await kubectl.run(['delete', 'pv', left.metadata.name, '--timeout=90s']);
    expect(await readFile(join(second.spec.local.path, 'file'), 'utf8')).toBe('kept\n');
  });
});

async function volumeOf(claim: string): Promise<Volume> {
  const { kubectl } = site.system;
  const { spec } = await kubectl.waitFor<{ readonly spec: { readonly volumeName?: string } }>(
    ['pvc', claim],
    ({ spec: { volumeName = '' } }) => volumeName !== '',
  );
  return kubectl.json<Volume>('get', 'pv', spec.volumeName ?? '');
}

function databaseOf(replicas: number): object {
  const script =
    'echo "was: $(cat /data/file)"; echo kept > /data/file; echo done; exec sleep 1000';
  const main = {
    name: 'main',
    image: site.image,
    imagePullPolicy: 'Never',
    command: ['sh', '-c', script],
    securityContext: { runAsUser: 1000 },
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  };
  const labels = { app: 'db' };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db' },
    spec: {
      replicas,
      podManagementPolicy: 'Parallel',
      serviceName: 'db',
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          nodeSelector: { 'kubernetes.io/hostname': site.node.name },
          terminationGracePeriodSeconds: 0,
          containers: [main],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'data' },
          spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
        },
      ],
    },
  };
}

describe('a static pod', () => {
  it('runs of a file, is shown to the cluster, and stays whatever is done to what shows it', async () => {
    const { kubectl, directory } = site.system;
    const manifests = join(directory, 'manifests');
    await mkdir(manifests);
    const node = await site.system.addNode({
      docker: { host: `unix://${site.engine.socketPath}` },
      pods: { staticDir: manifests },
    });
    const file = join(manifests, 'local.yaml');
    await writeFile(file, manifestOf(site.image));
    await node.daemon.start();
    const name = `local-${node.name}`;
    const { metadata, spec } = await kubectl.waitFor<Pod>(['pod', name], isRunning);
    expect(spec.nodeName).toBe(node.name);
    expect(metadata.annotations?.['kubernetes.io/config.mirror']).toMatch(/^[0-9a-f]{32}$/);
    const container = await runningContainer(site.engine, name);
    await kubectl.run(['delete', 'pod', name, '--wait=false']);
    await kubectl.waitFor<Pod>(
      ['pod', name],
      (pod) => pod.metadata.uid !== metadata.uid && isRunning(pod),
    );
    expect(await runningContainer(site.engine, name)).toBe(container);
    await rm(file);
    await eventually('its end', async () => (await containersOf(site.engine, name)).length === 0);
    await kubectl.run(['wait', '--for=delete', `pod/${name}`, '--timeout=90s']);
  });
});

function podOf(name: string, script: string, more: object = {}): object {
  const main = {
    name: 'main',
    image: site.image,
    imagePullPolicy: 'Never',
    command: ['sh', '-c', `${script}; echo; echo done; exec sleep 1000`],
  };
  const spec = {
    nodeName: site.node.name,
    terminationGracePeriodSeconds: 0,
    containers: [main],
    ...more,
  };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
}

const untilRunning = (name: string): Promise<Pod> =>
  site.system.kubectl.waitFor<Pod>(['pod', name], isRunning);

/** What the pod's container wrote before it was done. */
const said = async (name: string): Promise<string[]> => {
  const lines = await eventually('what it says', async () => {
    const id = await runningContainer(site.engine, name);
    const all = (await logsOf(site.engine, id)).split('\n').filter((line) => line !== '');
    return all.includes('done') && all;
  });
  return lines.slice(0, lines.indexOf('done'));
};

describe('a volume of the service account', () => {
  it('holds a token, the cluster’s certificate and the namespace, also for who starts cut off', async () => {
    const show = `cd ${access}; cat token; echo; head -1 ca.crt; cat namespace`;
    await site.system.kubectl.apply(podOf('speaker', show));
    const { metadata } = await untilRunning('speaker');
    const [token = '', certificate, namespace] = await said('speaker');
    expect([certificate, namespace]).toEqual(['-----BEGIN CERTIFICATE-----', 'default']);
    const claims = JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'),
    ) as Claims;
    expect(claims).toMatchObject({
      sub: 'system:serviceaccount:default:default',
      'kubernetes.io': { pod: { name: 'speaker', uid: metadata.uid } },
    });
    const before = await runningContainer(site.engine, 'speaker');
    await site.system.hub.end('SIGKILL');
    await site.node.daemon.end('SIGKILL');
    await eventually('no container', async () => {
      await removeContainer(before);
      return true;
    });
    await site.node.daemon.start();
    await eventually(
      'another container',
      async () => (await runningContainer(site.engine, 'speaker')) !== before,
    );
    expect((await said('speaker'))[0]).toBe(token);
    await site.system.hub.start();
  });

  it('is not there for who wants none', async () => {
    await site.system.kubectl.apply(
      podOf('mute', `ls ${access} || echo none`, { automountServiceAccountToken: false }),
    );
    await untilRunning('mute');
    expect(await said('mute')).toContain('none');
  });
});

async function removeContainer(id: string): Promise<void> {
  await ask(site.engine.socketPath, 'DELETE', `/containers/${id}?force=1`);
}

function manifestOf(image: string): string {
  return `
apiVersion: v1
kind: Pod
metadata: { name: local }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: main
      image: ${image}
      imagePullPolicy: Never
      command: [sleep, '1000']
`;
}
