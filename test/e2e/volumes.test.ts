import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containersOf, logsOf, runningContainer } from '../support/containers.ts';
import { eventually } from '../support/eventually.ts';
import { useSite } from '../support/site.ts';

const site = useSite();

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
    const bound = JSON.stringify({ status: { phase: 'Bound' } });
    await kubectl.run([
      'patch',
      'pvc',
      'data',
      '--subresource=status',
      '--type=merge',
      '-p',
      bound,
    ]);
    const said = async (): Promise<string> => {
      await kubectl.waitFor<Pod>(['pod', 'database'], isRunning);
      const id = await runningContainer(site.engine, 'database');
      return eventually('a line', async () => (await logsOf(site.engine, id)).trim() || undefined);
    };
    expect(await said()).toContain('was: ');
    await kubectl.run(['delete', 'pod', 'database', '--timeout=30s']);
    await kubectl.apply(database);
    expect(await said()).toBe('was: kept');
    await kubectl.run(['delete', 'pod', 'database', '--timeout=30s']);
    await kubectl.run(['delete', 'pvc', 'data', '--wait=false']);
    await kubectl.run(['delete', 'pv', 'disk', '--wait=false']);
  });
});

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
    await kubectl.run(['wait', '--for=delete', `pod/${name}`, '--timeout=30s']);
  });
});

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
